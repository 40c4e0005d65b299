-- The index by which messages are found, in blocks.

-- The same as before, five times as fast: normalize() does its whole work, which few texts need.
CREATE OR REPLACE FUNCTION fold(word text) RETURNS text
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  normal text;
  lowered text;
BEGIN
  -- ASCII: one byte for each character.
  IF octet_length(word) = char_length(word) THEN RETURN lower(word COLLATE "C"); END IF;
  normal := CASE WHEN word IS NFKC NORMALIZED THEN word ELSE normalize(word, NFKC) END;
  lowered := lower(normal COLLATE "und-x-icu");
  IF lowered = normal OR lowered IS NFKC NORMALIZED THEN RETURN lowered; END IF;
  RETURN normalize(lowered, NFKC);
END $$;

-- How many blocks of a conversation are indexed: all before this one, and none from it on. Its row is
-- locked by whoever adds or removes blocks, so that the indexer and a clearing wait for each other,
-- and neither for those who write. It is made with the conversation for the same reason: nobody else
-- has to insert it, and to wait for the conversation's row then.
CREATE TABLE search_progress (
  conversation_id bigint PRIMARY KEY REFERENCES conversations ON DELETE CASCADE,
  blocks bigint NOT NULL DEFAULT 0
);
CREATE FUNCTION begin_search_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_progress (conversation_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER conversations_begin_search AFTER INSERT ON conversations
  FOR EACH ROW EXECUTE FUNCTION begin_search_progress();
INSERT INTO search_progress (conversation_id) SELECT id FROM conversations;

-- One row for 128 consecutive places. The hashes of the texts' grams are salted with the
-- conversation. Parted like the messages, so that what was cleared can be overwritten in small parts.
-- There is no key: `search_progress` sees to it that a block comes once, and the planner would take
-- its index and then read every array, which costs a hundred times what the other index does.
CREATE TABLE search_blocks (
  conversation_id bigint NOT NULL REFERENCES search_progress ON DELETE CASCADE,
  block bigint NOT NULL,
  grams integer[] NOT NULL
) PARTITION BY HASH (conversation_id);
DO $$ BEGIN
  FOR part IN 0..31 LOOP
    EXECUTE format(
      'CREATE TABLE search_blocks_%s PARTITION OF search_blocks
         FOR VALUES WITH (MODULUS 32, REMAINDER %s)', part, part);
    -- Hashes do not compress, and the rows proper stay small when the hashes are outside.
    EXECUTE format(
      'ALTER TABLE search_blocks_%s ALTER grams SET STORAGE EXTERNAL, ALTER grams SET STATISTICS 0',
      part);
  END LOOP;
END $$;
ALTER TABLE search_blocks ALTER grams SET STORAGE EXTERNAL, ALTER grams SET STATISTICS 0;
-- No list of pending entries: every search would have to read it through.
CREATE INDEX search_blocks_by_gram ON search_blocks USING gin (grams) WITH (fastupdate = off);

-- The newest blocks before one that have all the grams. Reading the whole table looks cheap to the
-- planner and is not: the arrays are outside the rows.
CREATE FUNCTION blocks_with_grams(
  conversation bigint, wanted integer[], before bigint, most bigint
) RETURNS SETOF bigint
  LANGUAGE plpgsql STABLE STRICT
  SET enable_seqscan = off
AS $$
BEGIN
  RETURN QUERY
    SELECT block FROM search_blocks
    WHERE conversation_id = conversation AND block < before AND grams @> wanted
    ORDER BY block DESC LIMIT most;
END $$;

-- Whatever clears a history removes its blocks in the same transaction. One still to be filled counts
-- as not indexed.
CREATE FUNCTION clear_search_blocks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- First, to wait for an indexer at work: what it adds is seen by the next statement.
  UPDATE search_progress SET blocks = greatest(blocks, NEW.cleared_sequence / 128)
  WHERE conversation_id = NEW.id;
  WITH gone AS (
    DELETE FROM search_blocks
    WHERE conversation_id = NEW.id AND block * 128 < NEW.cleared_sequence
    RETURNING tableoid
  )
  INSERT INTO pending_rewrites (part) SELECT DISTINCT tableoid::regclass FROM gone
  ON CONFLICT (part) DO UPDATE SET requests = pending_rewrites.requests + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER conversations_clear_search AFTER UPDATE OF cleared_sequence ON conversations
  FOR EACH ROW WHEN (NEW.cleared_sequence > OLD.cleared_sequence)
  EXECUTE FUNCTION clear_search_blocks();
