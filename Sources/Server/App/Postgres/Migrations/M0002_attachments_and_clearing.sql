-- Attachments, and histories that can be cleared for good.
--
-- Cleared means that no file of the database holds the text any more. DELETE and VACUUM alone leave
-- it in the holes of pages, so what held it is written anew. Only a small part may stand still for
-- that: messages are parted by conversation, and one part is rewritten at a time.

-- The names that senders gave their messages, for ever: a resend finds the first one, also when its
-- text has been cleared. Apart from the messages, because a unique index of a parted table must hold
-- the column by which it is parted, and because these rows outlive them.
CREATE TABLE message_keys (
  sender_id bigint NOT NULL REFERENCES users,
  key uuid NOT NULL,
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  sequence bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (sender_id, key)
);

-- Files that people send. The bytes are in the data directory, under the id.
CREATE TABLE attachments (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  name text NOT NULL,
  size bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- What the content shows; NULL until it is all there.
  media_type text,
  width integer,
  height integer
);
CREATE INDEX attachments_of_owner ON attachments (owner_id);
-- The planner's samples would be names outside their table.
ALTER TABLE attachments ALTER name SET STATISTICS 0;

-- Files whose rows are gone and which are still to be removed: what a crash between the two leaves
-- is found here.
CREATE TABLE doomed_files (attachment_id uuid PRIMARY KEY);

ALTER TABLE messages RENAME TO old_messages;
ALTER INDEX messages_pkey RENAME TO old_messages_pkey;
CREATE TABLE messages (
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  sequence bigint NOT NULL,
  sender_id bigint NOT NULL REFERENCES users,
  key uuid NOT NULL,
  sent_at timestamptz NOT NULL,
  body text NOT NULL,
  attachment_id uuid REFERENCES attachments,
  PRIMARY KEY (conversation_id, sequence)
) PARTITION BY HASH (conversation_id);
DO $$ BEGIN
  FOR part IN 0..31 LOOP
    EXECUTE format(
      'CREATE TABLE messages_%s PARTITION OF messages FOR VALUES WITH (MODULUS 32, REMAINDER %s)',
      part, part);
    -- As for the names of attachments: no samples of texts.
    EXECUTE format('ALTER TABLE messages_%s ALTER body SET STATISTICS 0', part);
  END LOOP;
END $$;
ALTER TABLE messages ALTER body SET STATISTICS 0;
CREATE INDEX messages_by_attachment ON messages (attachment_id) WHERE attachment_id IS NOT NULL;
INSERT INTO messages (conversation_id, sequence, sender_id, key, sent_at, body)
  SELECT conversation_id, sequence, sender_id, key, sent_at, body FROM old_messages;
INSERT INTO message_keys (sender_id, key, conversation_id, sequence, sent_at)
  SELECT sender_id, key, conversation_id, sequence, sent_at FROM old_messages;

-- Everything up to here was cleared. Places go on behind it.
ALTER TABLE conversations ADD cleared_sequence bigint NOT NULL DEFAULT 0;

-- Tables, mostly parts of `messages`, in which something was cleared and which are still to be
-- written anew.
CREATE TABLE pending_rewrites (
  part regclass PRIMARY KEY,
  -- Counts requests, so that one which comes during a rewrite is not taken for done by it.
  requests bigint NOT NULL DEFAULT 1
);

ALTER TABLE sessions ADD last_used_at timestamptz NOT NULL DEFAULT now();

-- Of the texts so far the planner may have taken samples.
INSERT INTO pending_rewrites (part)
  SELECT 'pg_statistic' WHERE EXISTS (SELECT FROM old_messages);
DROP TABLE old_messages;
