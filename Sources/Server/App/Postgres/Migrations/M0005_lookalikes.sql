-- Names that look alike belong to one person.

-- What a name looks like: each letter that is drawn like another, as that other. Two names of one
-- skeleton cannot be told apart by everyone. The idea is that of Unicode Technical Standard #39, section 4;
-- the letters are those of its table that are likely in names. They are of scripts that are written without
-- Latin between them, so this is about whole names: a name may not mix them (`AccountName`).
CREATE FUNCTION skeleton(word text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN fold(translate(normalize(word, NFKC),
    'I10ıɑɡɩɪ'
    || 'асԁеһіјӏорԛѕԝхуѵг'
    || 'АВСЕНІЈКМОРЅТХУҮԌԜѴӀ'
    || 'αγικνορστυχη'
    || 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'
    || 'օոսհցգզյՍՕՏԼ'
    || U&'\05E1\05D5\05DF\0627\0647'
    || 'ニロカタハエトヘベペーチミオムヌ',
    'lloiagii'
    || 'acdehijlopqswxyvr'
    || 'ABCEHlJKMoPSTXYYGWVl'
    || 'ayikvopotuxn'
    || 'ABEZHlKMNoPTYX'
    || 'onuhgqqjUoSL'
    || 'olllo'
    || '二口力夕八工卜へべぺ一千三才厶又'));

-- Empty for those who, by now, share a skeleton with somebody who was there before.
ALTER TABLE users ADD COLUMN skeleton text;
UPDATE users SET skeleton = skeleton(name)
  WHERE id IN (SELECT min(id) FROM users GROUP BY skeleton(name));
CREATE UNIQUE INDEX users_by_skeleton ON users (skeleton);
