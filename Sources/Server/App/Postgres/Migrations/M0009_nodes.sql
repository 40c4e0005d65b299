-- Several servers on one database: which run, and what they tell each other.

CREATE TABLE nodes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Which run of a server it is: numbers come again in a database that was restored.
  token uuid NOT NULL DEFAULT gen_random_uuid(),
  -- For people.
  name text NOT NULL,
  -- Written every second; whoever is silent for some is gone.
  heartbeat timestamptz NOT NULL DEFAULT now()
);

-- What one node tells all others, as JSON, in one row for all that happened meanwhile. Rows are there for a
-- minute or two. No text of a message is among them.
CREATE TABLE node_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- 0 for a command. No reference: what a node has told holds when it is gone.
  node_id bigint NOT NULL,
  events bytea NOT NULL
);
