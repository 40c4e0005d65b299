"""What PostgreSQL alone does with the same rows: the floor that a server cannot get under.

One connection of libpq stores messages whose places are known beforehand, by prepared statements with
binary arrays that were made before the clock began.
"""
import ctypes, ctypes.util, itertools, os, struct, sys, time

from wire import percentiles

SQL = b"""
WITH input AS (
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[], $5::text[])
    AS input (conversation_id, sequence, sender_id, key, body)
), named AS (
  INSERT INTO message_keys (sender_id, key, conversation_id, sequence, sent_at)
  SELECT sender_id, key, conversation_id, sequence, now() FROM input
)
INSERT INTO messages (conversation_id, sequence, sender_id, key, sent_at, body)
SELECT conversation_id, sequence, sender_id, key, now(), body FROM input
"""
INT8, TEXT, UUID = 20, 25, 2950

libpq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
for name, result in (("PQconnectdb", ctypes.c_void_p), ("PQprepare", ctypes.c_void_p),
                     ("PQexecPrepared", ctypes.c_void_p), ("PQerrorMessage", ctypes.c_char_p)):
    getattr(libpq, name).restype = result


def array(kind, values):
    """PostgreSQL's binary form of an array of one dimension."""
    parts = [struct.pack("!iiIii", 1, 0, kind, len(values), 1)]
    for value in values:
        parts += [struct.pack("!i", len(value)), value]
    return b"".join(parts)


def batches(count, rows, places, conversations, text):
    """The arguments of so many statements. Conversations take turns, as those of a server do."""
    # Of another time than any server's, so that no key comes twice, and ascending as theirs do.
    base = time.time_ns() // 1_000_000 << 16 | 0x7000
    for _ in range(count):
        columns = [[], [], [], [], []]
        for _ in range(rows):
            place = next(places)
            conversation, sender = conversations[place % len(conversations)]
            columns[0].append(struct.pack("!q", conversation))
            columns[1].append(struct.pack("!q", place // len(conversations)))
            columns[2].append(struct.pack("!q", sender))
            columns[3].append(struct.pack("!Q", base) + os.urandom(8))
            columns[4].append(text)
            if place % 64 == 0:
                base += 1 << 16
        yield [array(kind, column) for kind, column in zip((INT8, INT8, INT8, UUID, TEXT), columns)]


class Floor:
    """Stores rows in the conversations of a database: pairs of a conversation and one of its members."""

    def __init__(self, database):
        self.connection = ctypes.c_void_p(libpq.PQconnectdb(database.connection.encode()))
        result = libpq.PQprepare(self.connection, b"floor", SQL, 0, None)
        self.check(result, 1)
        libpq.PQclear(ctypes.c_void_p(result))
        # Beyond what any server has got to, and what an earlier floor did.
        self.places = itertools.count(time.time_ns() // 1000)
        self.conversations = [tuple(map(int, line.split("|"))) for line in database.ask(
            "SELECT conversation_id, min(user_id) FROM members GROUP BY 1").split()]

    def check(self, result, status):
        if libpq.PQresultStatus(ctypes.c_void_p(result)) != status:
            sys.exit(libpq.PQerrorMessage(self.connection).decode())

    def execute(self, arguments):
        values = (ctypes.c_char_p * 5)(*arguments)
        lengths = (ctypes.c_int * 5)(*map(len, arguments))
        formats = (ctypes.c_int * 5)(1, 1, 1, 1, 1)
        result = libpq.PQexecPrepared(
            self.connection, b"floor", 5, values, lengths, formats, 1)
        self.check(result, 1)
        libpq.PQclear(ctypes.c_void_p(result))

    def rows_per_second(self, rows=100, count=1500, text=("早上好 see you at nine " * 4).encode()):
        prepared = list(batches(count, rows, self.places, self.conversations, text))
        began = time.monotonic()
        for arguments in prepared:
            self.execute(arguments)
        return rows * count / (time.monotonic() - began)

    def commits(self, per_second=50, seconds=10, text=("早上好 see you at nine " * 4).encode()):
        """How long single rows take to be durable, at a steady rate: p50 and p99 in milliseconds."""
        prepared, times = list(batches(
            int(per_second * seconds), 1, self.places, self.conversations, text)), []
        began = time.monotonic()
        for number, arguments in enumerate(prepared):
            due = began + number / per_second
            time.sleep(max(0, due - time.monotonic()))
            start = time.monotonic()
            self.execute(arguments)
            times.append((time.monotonic() - start) * 1000)
        return percentiles(times)
