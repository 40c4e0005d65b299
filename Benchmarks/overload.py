#!/usr/bin/env python3
"""Measures overload: `Benchmarks/overload.py` after `swift build -c release --product martletd`.

Starts martletd with a private database in a temporary directory. Somebody sends twenty messages a second
to somebody else, as people do, while nothing else happens; while others ask for more than the server can
do; afterwards, and once more. Others means `--senders` connections that send messages without waiting
for answers, and `--sign-ins` that sign in by password all the time. Prints the tables of
docs/reliability.md. Needs Python 3.9 and nothing else. `--seconds` is how long each of the four lasts.
"""
import argparse, multiprocessing, threading, time, uuid

from servers import MARTLETD, Martlet
from wire import Client, percentiles


def key():
    return str(uuid.UUID(int=uuid.uuid4().int, version=4))


def bystander(client, to, until, times):
    while time.monotonic() < until:
        began = time.monotonic()
        reply = client.call("message.send", **{"with": to}, text="how do you do", key=key())
        if reply is None:
            raise SystemExit("the bystander was refused")
        times.append((time.monotonic() - began) * 1000)
        time.sleep(max(0, began + 0.05 - time.monotonic()))


def listen(client):
    try:
        while True:
            client.frame()
    except (OSError, ValueError):
        pass  # The server has ended.


def outcome(frame):
    if "result" in frame:
        return "done", None
    error = frame["error"]
    return error["code"], error.get("data", {}).get("retry_after")


def sender(client, to, seconds, results):
    """Sends eight times as much at once as one connection may have waiting."""
    began, until, room = {}, time.monotonic() + seconds, threading.Semaphore(512)
    counts, times = {}, []

    def read():
        while True:
            frame = client.answer()
            result, start = outcome(frame), began.pop(frame["id"])
            counts[result] = counts.get(result, 0) + 1
            if result[0] == "done":
                times.append((time.monotonic() - start) * 1000)
            room.release()

    threading.Thread(target=read, daemon=True).start()
    while time.monotonic() < until:
        room.acquire()
        began[client.last + 1] = time.monotonic()
        client.begin("message.send", **{"with": to}, text="more than you can do", key=key())
    while began:
        time.sleep(0.01)
    results.put(("messages", counts, times))


def signer(number, seconds, results):
    """Signs in again and again, each time on a connection of its own, without heeding `retry_after`."""
    counts, times, until = {}, [], time.monotonic() + seconds
    while time.monotonic() < until:
        client, began = Client(), time.monotonic()
        client.begin("session.login", name=f"signer{number}", password="a long password",
                     device="b")
        result = outcome(client.answer())
        counts[result] = counts.get(result, 0) + 1
        if result[0] == "done":
            times.append((time.monotonic() - began) * 1000)
        client.close()
    results.put(("sign-ins", counts, times))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--sign-ins", type=int, default=100)
    parser.add_argument("--program", default=MARTLETD)
    options = parser.parse_args()
    with Martlet(options.program):
        measure(options)


def measure(options):
    # Accounts beforehand: making one takes as long as signing in.
    newcomer = Client()
    for number in range(options.sign_ins):
        newcomer.call("account.register", name=f"signer{number}", password="a long password")
    newcomer.close()
    alice, bob = Client("alice"), Client("bob")
    threading.Thread(target=listen, args=(bob,), daemon=True).start()
    print("| | messages | p50 ms | p99 ms | longest ms |\n| --- | --- | --- | --- | --- |")
    results, others = multiprocessing.Queue(), []
    for phase in ("before", "overload", "after", "later"):
        if phase == "overload":
            # Processes of their own, forked with a client that has signed in while it could. They begin
            # a second before what is measured, and end after it.
            lasting = options.seconds + 2
            clients = [Client(f"sender{number}") for number in range(options.senders)]
            others = [multiprocessing.Process(
                target=sender, args=(client, bob.user, lasting, results))
                for client in clients]
            others.append(multiprocessing.Process(target=signers, args=(options.sign_ins, lasting, results)))
            for other in others:
                other.start()
            time.sleep(1)
        times = []
        bystander(alice, bob.user, time.monotonic() + options.seconds, times)
        p50, p99 = percentiles(times)
        print(f"| {phase} | {len(times):,} | {p50:.1f} | {p99:.1f} | {max(times):.1f} |", flush=True)
        if phase == "overload":
            report(results, options.senders + options.sign_ins, lasting)
            for other in others:
                other.join()


def signers(count, seconds, results):
    threads = [threading.Thread(target=signer, args=(number, seconds, results))
               for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(results, others, seconds):
    total = {}
    for _ in range(others):
        kind, counts, times = results.get(timeout=120)
        whole = total.setdefault(kind, ({}, []))
        for outcome, count in counts.items():
            whole[0][outcome] = whole[0].get(outcome, 0) + count
        whole[1].extend(times)
    for kind, (counts, times) in total.items():
        print(f"<!-- {kind}: {len(times):,} done", end="")
        if times:
            p50, p99 = percentiles(times)
            print(f" in {p50:.0f} ms (p50), {p99:.0f} ms (p99), {max(times):.0f} ms (longest)", end="")
        print()
        for (code, retry_after), count in sorted(counts.items(), key=str):
            print(f"     {count:,} {code}" + (f", retry_after {retry_after}" if retry_after else "")
                  + f", {count / seconds:,.0f}/s")
        print("-->", flush=True)


if __name__ == "__main__":
    main()
