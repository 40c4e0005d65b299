-- What operators do: accounts that may not sign in, or not write, or are gone; invites; and who did what.

ALTER TABLE users
  ADD COLUMN disabled_at timestamptz,
  ADD COLUMN muted_until timestamptz,
  -- The row stays for the messages that others have from this person; its name is made up then.
  ADD COLUMN deleted_at timestamptz;
-- Looked through every few seconds.
CREATE INDEX users_muted ON users (muted_until) WHERE muted_until IS NOT NULL;

-- Codes with which accounts are made where not everybody may. They are shown to operators again, who hand
-- them out, so they are kept as they are.
CREATE TABLE invites (
  code text PRIMARY KEY,
  uses_left bigint NOT NULL CHECK (uses_left >= 0),
  -- NULL for never.
  expires_at timestamptz,
  note text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Who signed in, and what was done that cannot be undone. Never a name that was typed: it may be a password.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  event text NOT NULL,
  -- Whom it concerns. No reference: entries outlive what they name.
  user_id bigint,
  session_id bigint,
  -- Where it came from: an address, or what an operator used.
  origin text NOT NULL DEFAULT '',
  detail text NOT NULL DEFAULT ''
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_of_user ON audit (user_id, id) WHERE user_id IS NOT NULL;
