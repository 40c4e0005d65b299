"""The servers that are measured: each with a database of its own, in a directory that goes with it."""
import os, re, shutil, socket, subprocess, sys, tempfile, time

PORT = 7799
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MARTLETD = os.path.join(ROOT, ".build", "release", "martletd")
LOAD = os.path.join(ROOT, ".build", "benchmarks", "release", "martlet-load")


def wait_for_port(port, seconds=60):
    for _ in range(seconds * 10):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing answers on port {port}")


class Database:
    """A PostgreSQL database, by psql."""

    def __init__(self, connection):
        self.connection = connection
        self.command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", connection]

    def ask(self, sql):
        return subprocess.run(
            self.command, input=sql, check=True, capture_output=True, text=True).stdout.strip()

    def copy(self, table, lines):
        process = subprocess.Popen(
            self.command + ["-c", f"COPY {table} FROM STDIN"], stdin=subprocess.PIPE, text=True)
        for line in lines:
            process.stdin.write(line)
        process.stdin.close()
        if process.wait():
            sys.exit("COPY failed")

    def times(self, statements):
        """How long each takes, in milliseconds."""
        answer = self.ask("SET max_parallel_workers_per_gather = 0;\n\\timing on\n"
                          + "\n".join(statements))
        return [float(time) for time in re.findall(r"^Time: ([\d.]+) ms", answer, re.M)]

    def size(self, condition):
        return int(self.ask("SELECT coalesce(sum(pg_relation_size(oid)), 0) FROM pg_class "
                            f"WHERE {condition}"))


class Martlet:
    """martletd with its private cluster: `with Martlet() as server:`."""

    name = "martletd"

    def __init__(self, program=MARTLETD, *options, log_level="warning"):
        self.command = [program, "serve", "--listen", f"127.0.0.1:{PORT}", *options,
                        "--log-level", log_level]

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="martlet-bench-")
        # The database's user has to come through.
        os.chmod(self.directory, 0o755)
        self.process = subprocess.Popen(self.command + ["--data-directory", self.directory])
        wait_for_port(PORT)
        self.database = Database(f"host='{self.directory}/postgres' user=martlet dbname=martlet")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def seed(self, accounts, first=0):
        """Makes the accounts `load-n` with the tokens `load-n`: by password each would take a quarter of a
        second. Returns the id of the first."""
        self.database.ask(f"""
            INSERT INTO users (name, password_hash, skeleton)
            SELECT 'load-' || n, '', 'load-' || n
            FROM generate_series({first}, {first + accounts - 1}) AS n ORDER BY n;
            INSERT INTO sessions (user_id, token_hash, device, expires_at)
            SELECT id, sha256(convert_to(name, 'UTF8')), 'load', now() + interval '1 day'
            FROM users WHERE name LIKE 'load-%'
            ON CONFLICT DO NOTHING; ANALYZE;""")
        return int(self.database.ask("SELECT id FROM users WHERE name = 'load-0'"))

    def stored(self):
        return int(self.database.ask("SELECT count(*) FROM messages"))

    def processes(self):
        """The server's own process, and those of its database."""
        with open(f"{self.directory}/postgres/postmaster.pid") as file:
            return {"server": [self.process.pid], "database": family(int(file.readline()))}


def family(parent):
    """A process and those that have come of it."""
    try:
        with open(f"/proc/{parent}/task/{parent}/children") as file:
            children = [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []
    return [parent] + [process for child in children for process in family(child)]


def processor_seconds(processes):
    """How long processes, and those of their children that have ended, have had a processor."""
    ticks = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(process, of="Rss"):
    """The memory that a process has, or of `Private_Dirty`: without what is its program's file."""
    with open(f"/proc/{process}/smaps_rollup") as file:
        return 1024 * int(re.search(rf"^{of}:\s+(\d+)", file.read(), re.M).group(1))
