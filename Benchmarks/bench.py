#!/usr/bin/env python3
"""Measures Martlet and prints tables: `make bench`. Names on the command line choose what is measured."""
import argparse, os, platform, re, subprocess, time

import arrivals, attachments, history, memory, messages, nodes, terminal

PARTS = {
    "throughput": messages.throughput,
    "quiet": messages.quiet,
    "memory": memory.memory,
    "history": history.history,
    "attachments": attachments.attachments,
    "client": terminal.client,
    "arrivals": arrivals.arrivals,
    "nodes": nodes.nodes,
}


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"^model name\s*: (.*)", file.read(), re.M).group(1)
    with open("/proc/meminfo") as file:
        memory = int(re.search(r"MemTotal:\s*(\d+)", file.read()).group(1)) / 2**20
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    postgres = subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout
    return (f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores of {model}, {memory:.0f} GiB, "
            f"Linux {platform.release().split('-')[0]}, "
            f"Swift {re.search(r'version ([0-9.]+)', swift).group(1)}, "
            f"PostgreSQL {re.search(r'([0-9.]+)', postgres).group(1)}; fsync on")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part",
                        help=f"what to measure: {', '.join(PARTS)}; or growth, which takes long, or peers, "
                             "which `make bench-peers` installs")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    unknown = set(options.parts) - {*PARTS, "growth", "peers"}
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}")
    print(machine())
    for part in options.parts or PARTS:
        if part == "peers":
            import peers
            peers.compare(options.runs, options.seconds)
        elif part == "growth":
            messages.growth(options.runs, options.seconds)
        else:
            PARTS[part](options.runs, options.seconds)


if __name__ == "__main__":
    main()
