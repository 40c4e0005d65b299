-- To store a message its conversation and its sender were looked up four times, which took two fifths of the
-- time. The statement that stores it has locked the conversation, and only members get so far. Whatever comes
-- to remove users or conversations has to remove their messages and keys itself.
DO $$
DECLARE
  reference record;
BEGIN
  FOR reference IN
    SELECT conrelid::regclass AS referring, conname FROM pg_constraint
    WHERE contype = 'f' AND conrelid IN ('messages'::regclass, 'message_keys'::regclass)
      AND confrelid IN ('users'::regclass, 'conversations'::regclass)
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', reference.referring, reference.conname);
  END LOOP;
END $$;

-- Keys ascend with time, whoever makes them: new ones are in one place of the index, and the keys of many
-- messages are looked up at once.
ALTER TABLE message_keys
  DROP CONSTRAINT message_keys_pkey, ADD CONSTRAINT message_keys_pkey PRIMARY KEY (key, sender_id);
