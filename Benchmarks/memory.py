"""What connections cost that say nothing."""
import json, subprocess, time

from servers import LOAD, PORT, Martlet, resident_bytes
from table import Runs, table


def of_idle(server, connections, address=f"127.0.0.1:{PORT}", **options):
    """KiB of the server's memory for each connection that is signed in."""
    resident = lambda: sum(map(resident_bytes, server.processes()["server"]))
    before = resident()
    command = [LOAD, "idle", "--address", address, "--connections", str(connections)]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        signed_in = json.loads(load.stdout.readline())["connections"]
        time.sleep(3)
        return (resident() - before) / signed_in / 1024
    finally:
        load.kill()
        load.wait()


def memory(runs, _seconds, connections=9_500):
    """Each run with a server of its own: what one has used it keeps for the next."""
    figures = []
    for _ in range(runs):
        with Martlet() as server:
            first = server.seed(connections)
            figures.append(of_idle(server, connections, first_user=first))
    table(f"{connections:,} connections that say nothing", ["", "KiB for each"],
          [["martletd", Runs(figures, 1)]])
