"""The client while messages arrive in the open conversation, and with many of them, beside WeeChat."""
import random, threading, time

from load import talk
from servers import Martlet, processor_seconds, resident_bytes
from table import Runs, table
from terminal import COLUMNS, CONTACTS, ROWS, Terminal, martlet, sign_in, weechat
from wire import Client, percentiles

# Letters that are in no message.
LETTERS = "абвгдежзик"
LOADED = 100_000


class Typist:
    """Types one letter after another, waiting for each, and reads what is drawn meanwhile."""

    def __init__(self, screen):
        self.screen, self.number = screen, 0

    def type(self, seconds):
        """Returns the milliseconds that each letter took to be drawn, how many bytes were drawn, and how
        often in a second."""
        times, written, frames, last = [], 0, 0, 0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            letter = LETTERS[self.number % len(LETTERS)].encode()
            self.number += 1
            seen, due, began = b"", time.monotonic() + random.uniform(0.04, 0.12), None
            # Reads until it is time for the letter, then until the letter is there.
            while began is None or letter not in seen:
                if began is None and time.monotonic() >= due:
                    self.screen.type(letter.decode())
                    seen, began = b"", time.monotonic()
                data = self.screen.read(max(0, due - time.monotonic()) if began is None else 1)
                now = time.monotonic()
                if data:
                    written += len(data)
                    # What is drawn at once comes at once.
                    frames += now - last > 0.005
                    last = now
                seen += data
                if began is not None and now - began > 5:
                    raise SystemExit(f"a letter was not drawn: {seen[-500:]!r}")
            times.append((time.monotonic() - began) * 1000)
        return times, written, frames / seconds

    def erase(self):
        self.screen.type("\x15")
        self.screen.settle()


def give_password(server):
    """Lets a person sign in as the account that `load-0` talks to."""
    Client("alice").close()
    server.database.ask("""UPDATE users SET password_hash = alice.password_hash
        FROM users AS alice WHERE alice.name = 'alice' AND users.name = 'load-1'""")


def listen(screen):
    """Signs in as that account and opens the conversation."""
    sign_in(screen, "load-1")
    screen.wait_for("load-0")
    screen.settle(1)
    screen.type("\r")
    screen.settle(1)


def arriving(server, first, screen, rate, seconds, watch):
    """Has so many messages a second arrive, and calls something meanwhile. Returns what that returned."""
    results = []

    def run():
        time.sleep(2.5)
        results.append(watch())
    watcher = threading.Thread(target=run)
    watcher.start()
    talk(server, first_user=first, pairs=1, rate=rate, seconds=seconds)
    watcher.join()
    screen.settle(1)
    return results[0]


def busy(seconds, process, act):
    """What an act returned, and the share of a processor that a process took meanwhile, in percent."""
    before, began = processor_seconds([process]), time.monotonic()
    result = act()
    return result, 100 * (processor_seconds([process]) - before) / (time.monotonic() - began)


def arrivals(runs, seconds):
    busy_keys, frames, shares, keys, written, costs = ([] for _ in range(6))
    with Martlet() as server:
        first = server.seed(CONTACTS)
        give_password(server)
        with martlet("--no-cache") as screen:
            listen(screen)
            typist = Typist(screen)
            for _ in range(runs):
                (times, _, rate), share = arriving(
                    server, first, screen, 1000, seconds + 2,
                    lambda: busy(seconds, screen.process, lambda: typist.type(seconds)))
                busy_keys.append(percentiles(times))
                frames.append(rate)
                shares.append(share)
                typist.erase()
            rate = 2500
            missing = LOADED - server.stored()
            arriving(server, first, screen, rate, missing / rate, lambda: drained(screen, missing / rate))
            loaded = resident_bytes(screen.process) / 2**20
            for _ in range(runs):
                before = processor_seconds([screen.process])
                times, count, _ = typist.type(seconds)
                costs.append(1000 * (processor_seconds([screen.process]) - before) / len(times))
                written.append(count / len(times))
                keys.append(percentiles(times))
                typist.erase()
            loaded_messages = server.stored()
    table(f"The client, {CONTACTS:,} contacts, {COLUMNS} columns by {ROWS} rows", ["what", "figure"], [
        ["from a key to the screen while 1,000 messages a second arrive, p50",
         f"{Runs([key[0] for key in busy_keys], 1)} ms"],
        ["the same, p99", f"{Runs([key[1] for key in busy_keys], 1)} ms"],
        ["frames a second meanwhile", Runs(frames)],
        ["share of a processor meanwhile", f"{Runs(shares)} %"],
        [f"from a key to the screen, {loaded_messages:,} messages loaded, p50",
         f"{Runs([key[0] for key in keys], 1)} ms"],
        ["the same, p99", f"{Runs([key[1] for key in keys], 1)} ms"],
        ["bytes written for a key", Runs(written, 1)],
        ["time of a processor for a key", f"{Runs(costs, 2)} ms"],
        ["resident memory then", f"{loaded:.0f} MiB"]])
    beside_weechat(runs)


def drained(screen, seconds):
    """Reads what is drawn for some seconds. Returns how many bytes that were."""
    written, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        written += len(screen.read(0.1))
        screen.output = b""
    return written


def beside_weechat(runs, count=1000, singly=30):
    """Bytes for a message that arrives alone, and memory with so many."""
    figures = {"martlet": [], "WeeChat": []}
    for _ in range(runs):
        with Martlet() as server:
            first = server.seed(2)
            give_password(server)
            with martlet("--no-cache") as screen:
                listen(screen)
                arriving(server, first, screen, 500, count / 500, lambda: drained(screen, 2))
                before = server.stored()
                written = arriving(server, first, screen, 5, singly / 5, lambda: drained(screen, singly / 5))
                number = server.stored() - before
                figures["martlet"].append((written / number, *memory(screen)))
            texts = server.database.ask(
                f"SELECT body FROM messages ORDER BY sequence DESC LIMIT {singly}").splitlines()
        with weechat() as screen:
            screen.wait_for("WeeChat")
            screen.settle(1)
            screen.type(f"/repeat {count} /print {texts[0]}\r")
            screen.settle(1)
            for number, text in enumerate(texts):
                # Many lines at once would be a paste, about which it asks.
                screen.type(f"/wait {8000 + 200 * number}ms /print {text}\r")
                screen.settle(0.1)
            figures["WeeChat"].append((drained(screen, 8 + singly / 5) / len(texts), *memory(screen)))
    table(f"A message at a time, {count:,} of them loaded",
          ["", "bytes written", "resident MiB", "of these not of a file"],
          [[name, Runs(written), Runs(resident, 1), Runs(private, 1)]
           for name, all in figures.items() for written, resident, private in [zip(*all)]])


def memory(screen):
    return [resident_bytes(screen.process, of) / 2**20 for of in ("Rss", "Private_Dirty")]
