#!/usr/bin/env python3
"""Measures search: `Benchmarks/search.py` after `swift build -c release --product martletd`.

Starts martletd with a private database in a temporary directory, fills one conversation for each
size, waits for the index, and asks over the wire; then asks PostgreSQL the same by a plain scan and
by an index of every message's pairs. Prints the table of docs/search.md. Needs Python 3.9, psql, and
nothing else. `--sizes 1000,100000` is quicker; `--requests` is how many for each figure.
"""
import argparse, itertools, random, time, unicodedata, zlib

from servers import MARTLETD, Martlet
from wire import Client, percentiles

BLOCK = 128


class Corpus:
    """Texts of about 100 bytes, mixed Chinese and English, the same for the same seed."""

    def __init__(self, seed):
        self.random = r = random.Random(seed)
        syllables = [c + v + e for c in "bcdfghjklmnpqrstvwz" for v in "aeiou"
                     for e in ("", "n", "r", "s", "t", "l", "m")]
        words = {"".join(r.choices(syllables, k=r.randint(1, 3))) for _ in range(22000)}
        words = sorted(words)
        r.shuffle(words)
        # Nobody else says these.
        self.rare = [w for w in words if len(w) >= 7][:20]
        words = [w for w in words if not any(rare in w for rare in self.rare)]
        self.english = "the of and to in is you that it he was for on are as with".split() + words
        han = [chr(code) for code in r.sample(range(0x4E00, 0x8000), 3000)]
        weights = [1 / (rank + 10) for rank in range(3000)]
        self.chinese = ["".join(r.choices(han, weights, k=2)) for _ in range(20000)]
        self.characters = han[:20]
        cumulate = lambda count, flat: list(
            itertools.accumulate(1 / (rank + flat) for rank in range(count)))
        self.english_weights = cumulate(len(self.english), 5)
        self.chinese_weights = cumulate(len(self.chinese), 20)

    def text(self):
        r = self.random
        english = lambda k: " ".join(r.choices(self.english, cum_weights=self.english_weights, k=k))
        if r.random() < 0.5:
            return english(r.randint(6, 28)).capitalize() + "."
        text = "".join(r.choices(
            self.chinese, cum_weights=self.chinese_weights, k=r.randint(4, 22)))
        return text + (" " + english(4) + "。" if r.random() < 0.5 else "")

    def queries(self):
        return {
            "rare word": self.rare,
            "common word": self.english[1:21],
            "Chinese word": self.chinese[200:220],
            "one character": self.characters,
            "nowhere": [word[::-1] + "q" for word in self.rare],
        }


def fill(database, conversation, sender, size, corpus):
    # Each rare word three times, over the whole conversation.
    r = random.Random(size)
    planted = dict(zip(r.sample(range(2, size + 1), 60), corpus.rare * 3))
    texts = []

    def lines():
        for place in range(2, size + 1):
            text = corpus.text()
            if place in planted:
                text += " " + planted[place]
            texts.append(text)
            yield (f"{conversation}\t{place}\t{sender}\t{conversation:08x}{place:024x}\t"
                   f"2026-01-01\t{text}\n")

    database.copy("messages (conversation_id, sequence, sender_id, key, sent_at, body)", lines())
    database.ask(f"UPDATE conversations SET last_sequence = {size} WHERE id = {conversation}; "
                 "VACUUM ANALYZE messages")
    return texts


def pairs(conversation, text):
    """The hashes of a text's characters and pairs, salted with the conversation."""
    text = unicodedata.normalize("NFKC", text).lower()
    grams = set(text) | {text[index:index + 2] for index in range(len(text) - 1)}
    return {zlib.crc32(gram.encode(), conversation) - 2**31 for gram in grams}


def wanted(conversation, query):
    grams = {query} if len(query) == 1 else {query[i:i + 2] for i in range(len(query) - 1)}
    return "{" + ",".join(str(zlib.crc32(g.encode(), conversation) - 2**31) for g in grams) + "}"


def row(size, kind, way, times, note=""):
    p50, p99 = percentiles(times)
    print(f"| {size:,} | {kind} | {way} | {p50:.2f} | {p99:.2f} | {note} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,100000,1000000")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--program", default=MARTLETD)
    options = parser.parse_args()
    with Martlet(options.program) as server:
        measure(options, server.database)


def measure(options, database):
    corpus = Corpus(1)
    database.ask("CREATE TABLE message_grams (conversation_id bigint, sequence bigint, "
                 "grams integer[], PRIMARY KEY (conversation_id, sequence)); "
                 "ALTER TABLE message_grams ALTER grams SET STATISTICS 0")
    print("| messages | query | way | p50 ms | p99 ms | |\n| --- | --- | --- | --- | --- | --- |")
    for size in map(int, options.sizes.split(",")):
        alice, other = Client("alice"), Client(f"user{size}")
        conversation = alice.call(
            "message.send", **{"with": other.user}, text="hello",
            key=f"00000000-0000-7000-8000-{size:012d}")["conversation"]
        texts = fill(database, conversation, alice.user, size, corpus)
        before = database.size("relname LIKE 'search_signatures%' OR oid IN (SELECT reltoastrelid "
                               "FROM pg_class WHERE relname LIKE 'search_signatures%')")
        began = time.monotonic()
        # A message whose place ends a block tells the indexer.
        while int(database.ask("SELECT last_sequence % 128 FROM conversations "
                               f"WHERE id = {conversation}")):
            size += 1
            alice.call("message.send", conversation=conversation, text="hello",
                       key=f"00000000-0000-7000-9000-{size:012d}")
        while int(database.ask("SELECT blocks FROM search_progress WHERE conversation_id = "
                               f"{conversation}")) < size // BLOCK:
            time.sleep(0.05)
        took = time.monotonic() - began
        after = database.size("relname LIKE 'search_signatures%' OR oid IN (SELECT reltoastrelid "
                              "FROM pg_class WHERE relname LIKE 'search_signatures%')")
        print(f"<!-- {size:,}: blocks in {took:.1f} s, {size / took:,.0f} messages/s, "
              f"{(after - before) / 1e6:.1f} MB; texts "
              f"{sum(len(t.encode()) for t in texts) / 1e6:.1f} MB -->", flush=True)

        # At rest: what has been filled in is written out first.
        database.ask("CHECKPOINT")
        # Anew: the server gives up a connection that answers no pings for long.
        alice = Client("alice")
        for kind, queries in corpus.queries().items():
            first, whole, pages = [], [], []
            cycle = itertools.cycle(queries)
            for number in range(options.requests + 20):
                query = next(cycle)
                start = time.monotonic()
                page = alice.call("conversation.search", conversation=conversation, query=query,
                                  limit=50)
                if number >= 20:
                    first.append((time.monotonic() - start) * 1000)
            row(size, kind, "blocks, first page", first)
            if kind not in ("rare word", "nowhere"):
                continue
            for query in queries:
                start, found, count, after_page = time.monotonic(), 0, 0, None
                while True:
                    more = {"after": after_page} if after_page else {}
                    page = alice.call("conversation.search", conversation=conversation,
                                      query=query, limit=50, **more)
                    found, count = found + len(page["hits"]), count + 1
                    after_page = page.get("next")
                    if not after_page:
                        break
                whole.append((time.monotonic() - start) * 1000)
                pages.append(count)
                if found != (3 if kind == "rare word" else 0):
                    print(f"!! {query}: {found} hits")
            row(size, kind, "blocks, all pages", whole, f"{sum(pages) / len(pages):.1f} pages")

        scan = ("SELECT sequence FROM messages WHERE conversation_id = {0} AND "
                "position('{1}' IN fold(body)) > 0 ORDER BY sequence DESC LIMIT 50;")
        compare(database, options, size, conversation, corpus, "plain scan", scan)

        start = time.monotonic()
        database.copy("message_grams", (
            f"{conversation}\t{place}\t{{{','.join(map(str, pairs(conversation, text)))}}}\n"
            for place, text in enumerate(texts, 2)))
        database.ask("DROP INDEX IF EXISTS by_gram; CREATE INDEX by_gram ON message_grams "
                     "USING gin (grams); VACUUM ANALYZE message_grams")
        print(f"<!-- pairs of each message: {time.monotonic() - start:.0f} s, index "
              f"{database.size('relname = $$by_gram$$') / 1e6:.1f} MB, table "
              f"{database.size('relname = $$message_grams$$') / 1e6:.1f} MB -->", flush=True)
        gin = ("SELECT sequence FROM (SELECT sequence FROM message_grams WHERE "
               "conversation_id = {0} AND grams @> '{2}' OFFSET 0) AS found JOIN messages "
               "USING (sequence) WHERE messages.conversation_id = {0} AND "
               "position('{1}' IN fold(body)) > 0 ORDER BY sequence DESC LIMIT 50;")
        compare(database, options, size, conversation, corpus, "pairs of each message", gin)


def compare(database, options, size, conversation, corpus, way, sql):
    for kind, queries in corpus.queries().items():
        statements = [sql.format(conversation, query, wanted(conversation, query))
                      for query in itertools.islice(itertools.cycle(queries), options.requests)]
        # One that takes long is asked less often.
        slow = database.times(statements[:3])[-1] > 50
        times = database.times(statements[:20] if slow else statements)
        row(size, kind, way, times, "20 queries" if slow else "")


if __name__ == "__main__":
    main()
