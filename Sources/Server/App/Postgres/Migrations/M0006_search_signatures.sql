-- An index of messages that costs a hundredth to write.

-- The blocks so far are indexed anew, in the background.
DELETE FROM pending_rewrites
WHERE part IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'search_blocks'::regclass);
DROP FUNCTION blocks_with_grams;
DROP TABLE search_blocks;
UPDATE search_progress SET blocks = cleared_sequence / 128
FROM conversations WHERE id = conversation_id;

-- One row for 1, 8, 64 or 512 consecutive blocks of 128 places, which says for each gram that there may be
-- which of the blocks may hold it (`SearchSignature`). Parted like the messages, so that what was cleared
-- can be overwritten in small parts.
CREATE TABLE search_signatures (
  conversation_id bigint NOT NULL REFERENCES search_progress ON DELETE CASCADE,
  first_block bigint NOT NULL,
  blocks integer NOT NULL,
  slices bytea NOT NULL,
  PRIMARY KEY (conversation_id, first_block)
) PARTITION BY HASH (conversation_id);
DO $$ BEGIN
  FOR part IN 0..31 LOOP
    EXECUTE format(
      'CREATE TABLE search_signatures_%s PARTITION OF search_signatures
         FOR VALUES WITH (MODULUS 32, REMAINDER %s)', part, part);
    -- Not compressed, so that a few bytes of many can be read.
    EXECUTE format(
      'ALTER TABLE search_signatures_%s ALTER slices SET STORAGE EXTERNAL, ALTER slices SET STATISTICS 0',
      part);
  END LOOP;
END $$;
ALTER TABLE search_signatures ALTER slices SET STORAGE EXTERNAL, ALTER slices SET STATISTICS 0;

-- Whatever clears a history removes its signatures in the same transaction: all of them, as one of many blocks
-- cannot be split. What has come since is indexed anew. A block still to be filled counts as not indexed.
CREATE OR REPLACE FUNCTION clear_search_blocks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- First, to wait for an indexer at work: what it adds is seen by the next statement.
  UPDATE search_progress SET blocks = NEW.cleared_sequence / 128 WHERE conversation_id = NEW.id;
  WITH gone AS (
    DELETE FROM search_signatures WHERE conversation_id = NEW.id RETURNING tableoid
  )
  INSERT INTO pending_rewrites (part) SELECT DISTINCT tableoid::regclass FROM gone
  ON CONFLICT (part) DO UPDATE SET requests = pending_rewrites.requests + 1;
  RETURN NULL;
END $$;
