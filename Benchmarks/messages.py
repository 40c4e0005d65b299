"""How many messages are made durable in a second, how late they are, and what they cost as work grows."""
import time

from floor import Floor
from load import talk
from servers import Martlet
from table import Runs, table

PAIRS, WINDOW = 50, 20


def shares(reports):
    """What took the processors, in percent of one."""
    return ", ".join(
        f"{name} {Runs([100 * figure(report) for report in reports])} %"
        for name, figure in (("server", lambda r: r["shares"]["server"]),
                             ("database", lambda r: r["shares"]["database"]),
                             ("generator", lambda r: r["processor"])))


def wait_for_index(server):
    """Returns how long it took until every whole block was in the index, in seconds."""
    began = time.monotonic()
    while int(server.database.ask(
            "SELECT count(*) FROM search_progress JOIN conversations ON id = conversation_id "
            "WHERE last_sequence / 128 > blocks")):
        time.sleep(0.1)
    return time.monotonic() - began


def throughput(runs, seconds):
    """Messages a second against the floor, in turns; and the latency at half of that."""
    reports, floors, waits = [], [], []
    with Martlet() as server:
        first = server.seed(2 * PAIRS)
        for _ in range(runs):
            reports.append(talk(server, first_user=first, pairs=PAIRS, window=WINDOW,
                                seconds=seconds))
            waits.append(wait_for_index(server))
            floors.append(Floor(server.database).rows_per_second())
        rate = Runs(report["rate"] for report in reports)
        ratio = Runs((100 * report["rate"] / floor for report, floor in zip(reports, floors)))
        table(f"Durable messages, {PAIRS} pairs, window {WINDOW}", [
            "", "messages/s", "p50 ms", "p99 ms"], [
            ["martletd", rate] + latencies(reports),
            ["batches of 100 rows on one connection (the floor)", Runs(floors), "", ""]])
        print(f"\nmartletd reaches {ratio} % of the floor. Processors: {shares(reports)}. The search index "
              f"was whole {Runs(waits, 1)} s after the last message.")
        half = [talk(server, first_user=first, pairs=PAIRS, rate=rate.median / 2, seconds=seconds)
                for _ in range(runs)]
        table("At half of that", ["", "messages/s", "p50 ms", "p99 ms"], [
            ["martletd", Runs(report["rate"] for report in half)] + latencies(half)])


def latencies(reports, of="delivery"):
    return [Runs((report[of][name] for report in reports), 1) for name in ("p50", "p99")]


def quiet(runs, seconds):
    """How late messages are when there are few, against a commit of one row."""
    reports, commits = [], []
    with Martlet() as server:
        first = server.seed(2 * PAIRS)
        talk(server, first_user=first, pairs=PAIRS, rate=50, seconds=3)
        floor = Floor(server.database)
        for _ in range(runs):
            reports.append(talk(server, first_user=first, pairs=PAIRS, rate=50, seconds=seconds))
            commits.append(floor.commits(50, seconds))
    table("Fifty messages a second", ["", "p50 ms", "p99 ms"], [
        ["from due to acknowledged"] + latencies(reports, "acknowledgement"),
        ["from due to received"] + latencies(reports),
        ["a commit of one row (the floor)"]
        + [Runs((commit[index] for commit in commits), 1) for index in (0, 1)]])
    ratio = Runs((report["acknowledgement"]["p99"] / commit[1]
                  for report, commit in zip(reports, commits)), 1)
    print(f"\nAt p99 an acknowledgement takes {ratio} times a commit of one row.")


def growth(runs, seconds):
    """The same with more pairs, and with more messages stored."""
    rows = []
    for pairs in (10, 100, 1000):
        with Martlet() as server:
            first = server.seed(2 * pairs)
            reports = [talk(server, first_user=first, pairs=pairs, window=max(1, 1000 // pairs),
                            seconds=seconds) for _ in range(runs)]
        rows.append(grown(f"{pairs:,} pairs", reports))
    for stored in (10**4, 10**6, 10**7):
        with Martlet() as server:
            first = server.seed(2 * PAIRS)
            fill(server, first, stored)
            reports = [talk(server, first_user=first, pairs=PAIRS, window=WINDOW, seconds=seconds)
                       for _ in range(runs)]
        rows.append(grown(f"{stored:,} messages stored", reports))
    table("As work grows, 1,000 messages under way",
          ["", "messages/s", "p50 ms", "p99 ms", "processors"], rows)


def grown(what, reports):
    return [what, Runs(report["rate"] for report in reports), *latencies(reports), shares(reports)]


def fill(server, first, count):
    """Puts so many messages into the conversations of the pairs, and says that they are indexed: it is their
    weight in the tables that counts here."""
    server.database.ask(f"""
        INSERT INTO conversations (direct_low, direct_high, last_sequence)
        SELECT {first} + n, {first} + {PAIRS} + n, {count // PAIRS}
        FROM generate_series(0, {PAIRS - 1}) AS n ORDER BY n;
        INSERT INTO members (user_id, conversation_id)
        SELECT unnest(ARRAY[direct_low, direct_high]), id FROM conversations;
        UPDATE search_progress SET blocks = {count // PAIRS} / 128;
        INSERT INTO messages (conversation_id, sequence, sender_id, key, sent_at, body)
        SELECT id, n, direct_low, md5(id || ' ' || n)::uuid, now(),
          md5(n::text) || ' 早上好 see you at nine ' || md5(id::text)
        FROM generate_series(1, {count // PAIRS}) AS n, conversations;
        INSERT INTO message_keys (sender_id, key, conversation_id, sequence, sent_at)
        SELECT sender_id, key, conversation_id, sequence, sent_at FROM messages;
        VACUUM ANALYZE messages; VACUUM ANALYZE message_keys; CHECKPOINT;""")
