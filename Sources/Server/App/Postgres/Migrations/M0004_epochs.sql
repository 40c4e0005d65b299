-- How the database notices that it was restored.

-- Where the database lived when it was last looked at, in marks that no backup carries with it; empty
-- until it was looked at once.
ALTER TABLE server
  -- The cluster (`system_identifier`): differs once a dump was restored into another one.
  ADD COLUMN cluster bigint,
  -- The timeline: differs after recovery to a point in time, and on a standby that was promoted. That
  -- one may have had everything, which nobody can tell: it counts as restored, at the price of every
  -- client loading afresh.
  ADD COLUMN timeline bigint,
  -- The database's OID: differs in a database that was made anew, or copied from this one.
  ADD COLUMN database oid,
  -- What the operating system knows a private cluster's control file by: differs where a copy of the
  -- directory was put back. 0 where the database is not martletd's own.
  ADD COLUMN home bigint,
  -- The transaction that wrote this row. A restore writes it by one of its own, whatever it restores:
  -- then `xmin` is another.
  ADD COLUMN writer xid;

-- What `cluster`, `timeline` and `database` are at the moment: 0 where the role may not know, as with
-- some who host databases for others.
CREATE FUNCTION place_of_database(
  OUT cluster bigint, OUT timeline bigint, OUT database oid
) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT oid INTO STRICT database FROM pg_database WHERE datname = current_database();
  BEGIN
    SELECT system_identifier INTO STRICT cluster FROM pg_control_system();
  EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
    cluster := 0;
  END;
  BEGIN
    -- Of the WAL that is written now; the control file learns of a timeline with the next checkpoint.
    timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint;
  EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
    timeline := 0;
  END;
END $$;

-- Begins an epoch. Clients know numbers that were given since the backup was made, in messages that they
-- have still to send, say: they may not come to mean somebody else. So those given from here on begin
-- where the clock is, in milliseconds, as the epoch does: the same backup restored once more gives none of
-- them again.
CREATE FUNCTION raise_epoch() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  clock bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  raised bigint;
  counter text;
BEGIN
  UPDATE server SET epoch = greatest(epoch + 1, clock), writer = pg_current_xact_id()::xid
    RETURNING epoch INTO STRICT raised;
  FOREACH counter IN ARRAY ARRAY['users', 'sessions', 'conversations'] LOOP
    counter := pg_get_serial_sequence(counter, 'id');
    PERFORM setval(counter, greatest(nextval(counter), clock));
  END LOOP;
  RETURN raised;
END $$;

-- Whether the database is elsewhere than when `server` was last written. `at_home` is what `home` should
-- be. Empty while it was never looked at.
CREATE FUNCTION has_moved(at_home bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN server.writer IS NOT NULL THEN
    (server.cluster, server.timeline, server.database, server.home, server.writer)
      IS DISTINCT FROM (here.cluster, here.timeline, here.database, at_home, server.xmin)
  END
  FROM server, place_of_database() here
$$;

-- Begins an epoch if the database has moved, and writes down in the same transaction where it is. The
-- lock lets one of several nodes do so.
CREATE FUNCTION recognize_database(
  at_home bigint, OUT id uuid, OUT epoch bigint, OUT is_new boolean
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM server FOR UPDATE;
  is_new := has_moved(at_home);
  IF is_new THEN PERFORM raise_epoch(); END IF;
  IF is_new IS DISTINCT FROM false THEN
    UPDATE server SET (cluster, timeline, database) = (SELECT here.* FROM place_of_database() here),
      home = at_home, writer = pg_current_xact_id()::xid;
  END IF;
  SELECT server.id, server.epoch INTO STRICT id, epoch FROM server;
  is_new := coalesce(is_new, false);
END $$;
