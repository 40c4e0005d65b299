-- Accounts, sessions, conversations and messages.
--
-- Nothing here assumes that a conversation has two members: only `direct_low` and `direct_high`,
-- which keep direct conversations unique per pair, know of pairs.

-- How names are compared: as a person would, whatever the case, width or composition. Folded here
-- and nowhere else, so that application and database cannot disagree.
CREATE FUNCTION fold(word text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN normalize(lower(normalize(word, NFKC) COLLATE "und-x-icu"), NFKC);

-- Names this database for ever. `epoch` counts up when it is restored from a backup.
CREATE TABLE server (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  epoch bigint NOT NULL DEFAULT 1
);
INSERT INTO server DEFAULT VALUES;

CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  folded_name text NOT NULL GENERATED ALWAYS AS (fold(name)) STORED UNIQUE,
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz
);

-- Tokens are kept as SHA-256 only: a stolen copy of this table signs nobody in.
CREATE TABLE sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE,
  device text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE conversations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  direct_low bigint REFERENCES users,
  direct_high bigint REFERENCES users,
  -- The counter that makes sequences gap-free: taken and written by the transaction that stores
  -- the messages, so that an aborted one leaves no hole.
  last_sequence bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (direct_low, direct_high),
  CHECK (direct_low < direct_high)
) WITH (fillfactor = 70);

CREATE TABLE members (
  user_id bigint NOT NULL REFERENCES users,
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  read_sequence bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX conversations_of_user ON members (user_id);

CREATE TABLE messages (
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  sequence bigint NOT NULL,
  sender_id bigint NOT NULL REFERENCES users,
  -- The sender's name for the message, unique for ever: a resend finds the first one.
  key uuid NOT NULL,
  sent_at timestamptz NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (conversation_id, sequence),
  CONSTRAINT messages_by_key UNIQUE (sender_id, key)
);
