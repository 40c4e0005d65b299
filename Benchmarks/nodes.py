"""What several servers on one database make durable in a second, each receiver at another than its sender."""
import os, shutil, subprocess, tempfile

from load import talk
from messages import WINDOW, latencies, shares
from servers import MARTLETD, PORT, Database, Martlet, wait_for_port
from table import Runs, table

# So many pairs that account n and account n + pairs, which take the nodes in turn, are at different ones.
PAIRS = {1: 50, 2: 51, 3: 50}


class Nodes(Martlet):
    """Several servers on a database in the cluster of another, which has nothing to do."""

    def __init__(self, host, count):
        self.host, self.count = host, count

    def __enter__(self):
        name = f"nodes{self.count}"
        self.host.database.ask(f"CREATE DATABASE {name}")
        connection = f"host='{self.host.directory}/postgres' user=martlet dbname={name}"
        self.database = Database(connection)
        self.directory = tempfile.mkdtemp(prefix="martlet-bench-")
        self.servers = []
        for index in range(self.count):
            self.servers.append(subprocess.Popen([
                MARTLETD, "serve", "--listen", f"127.0.0.1:{PORT + 1 + index}", "--database-url",
                connection, "--data-directory", os.path.join(self.directory, str(index)),
                "--attachments-directory", os.path.join(self.directory, "files"),
                "--log-level", "warning"]))
            wait_for_port(PORT + 1 + index)
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            server.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def addresses(self):
        return ",".join(f"127.0.0.1:{PORT + 1 + index}" for index in range(self.count))

    def processes(self):
        return {"server": [server.pid for server in self.servers],
                "database": self.host.processes()["database"]}


def nodes(runs, seconds):
    full, half = [], []
    with Martlet() as host:
        for count, pairs in PAIRS.items():
            with Nodes(host, count) as servers:
                first = servers.seed(2 * pairs)
                reports = [talk(servers, servers.addresses, first_user=first, pairs=pairs, window=WINDOW,
                                seconds=seconds) for _ in range(runs)]
                quiet = [talk(servers, servers.addresses, first_user=first, pairs=pairs, rate=1000,
                              seconds=seconds) for _ in range(runs)]
            name = "1 server" if count == 1 else f"{count} servers"
            full.append([name, Runs(report["rate"] for report in reports), *latencies(reports),
                         shares(reports)])
            half.append([name, *latencies(quiet), shares(quiet)])
    table("Several servers, 1,000 messages under way",
          ["", "messages/s", "p50 ms", "p99 ms", "processors"], full)
    table("1,000 messages a second", ["", "p50 ms", "p99 ms", "processors"], half)
