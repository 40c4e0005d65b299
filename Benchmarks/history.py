"""How long it takes to read the end of a long conversation."""
import time, uuid

from servers import Martlet
from table import Runs, table
from wire import Client, percentiles


def history(runs, _seconds, stored=1_000_000, requests=1000):
    with Martlet() as server:
        alice, bob = Client("alice"), Client("bob")
        conversation = alice.call("message.send", **{"with": bob.user}, text="hello",
                                  key=str(uuid.UUID(int=uuid.uuid4().int, version=4)))["conversation"]
        server.database.ask(f"""
            INSERT INTO messages (conversation_id, sequence, sender_id, key, sent_at, body)
            SELECT {conversation}, n, {alice.user}, gen_random_uuid(), now(),
              '早上好 see you at nine ' || md5(n::text) || md5((-n)::text)
            FROM generate_series(2, {stored}) AS n;
            UPDATE conversations SET last_sequence = {stored} WHERE id = {conversation};
            UPDATE search_progress SET blocks = {stored} / 128;
            VACUUM ANALYZE messages; CHECKPOINT""")
        alice, rows = Client("alice"), []
        for what, anchor in (("the last 50", lambda n: {}),
                             ("50 in the middle", lambda n: {"before": 1000 + 997 * n % stored})):
            figures = []
            for _ in range(runs):
                times = []
                for number in range(requests):
                    began = time.monotonic()
                    page = alice.call("conversation.history", conversation=conversation, limit=50,
                                      **anchor(number))
                    times.append((time.monotonic() - began) * 1000)
                    assert len(page["messages"]) == 50
                figures.append(percentiles(times))
            rows.append([what] + [Runs((figure[index] for figure in figures), 2) for index in (0, 1)])
    table(f"Reading a conversation of {stored:,} messages, with a client in Python",
          ["messages", "p50 ms", "p99 ms"], rows)
