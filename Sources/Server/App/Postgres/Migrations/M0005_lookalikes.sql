-- Names that look alike belong to one person.

-- What a name looks like: each letter that is drawn like another, as that other, and accents apart from
-- their letters. Two names of one skeleton cannot be told apart by everyone. The idea is that of Unicode
-- Technical Standard #39, section 4; the letters are those of its table that are likely in names. First come
-- letters of scripts that may stand beside Latin ones, and digits; Hangul only where a letter stands alone, so
-- before syllables are taken apart. Then whole names in scripts that may not (`AccountName`).
CREATE FUNCTION skeleton(word text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN fold(translate(
    normalize(
      translate(normalize(word, NFKC),
        'I10丨ǀƖıɑɡɩɪ'
        || 'ㄚㄨㄥ' || U&'\1175\110B\1106\1161'
        || 'ニロカタハエトヘーチミオムヌ',
        'llollliagii'
        || 'YXL' || 'lo口卜'
        || '二口力夕八工卜へ一千三才厶又'),
      NFKD),
    'асԁеһіјӏорԛѕԝхуѵг'
    || 'АВСЕНІЈКМОРЅТХУҮԌԜѴӀ'
    || 'αγικνορστυχη'
    || 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'
    || 'օոսհցգզյՍՕՏԼ'
    || U&'\05E1\05D5\05DF\0627\0647'
    || 'カハヘ',
    'acdehijlopqswxyvr'
    || 'ABCEHlJKMoPSTXYYGWVl'
    || 'ayikvopotuxn'
    || 'ABEZHlKMNoPTYX'
    || 'onuhgqqjUoSL'
    || 'olllo'
    || '力八へ'));

-- Empty for those who, by now, share a skeleton with somebody who was there before.
ALTER TABLE users ADD COLUMN skeleton text;
UPDATE users SET skeleton = skeleton(name)
  WHERE id IN (SELECT min(id) FROM users GROUP BY skeleton(name));
CREATE UNIQUE INDEX users_by_skeleton ON users (skeleton);
