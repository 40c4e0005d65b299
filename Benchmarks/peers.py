"""The XMPP servers that Martlet is measured beside, as Debian packages them, on plain TCP and loopback.

Each archives every message for both sides in PostgreSQL, which is what martletd does. All of them, martletd
too, use one cluster with one configuration, a database for each.
"""
import contextlib, glob, os, pwd, shutil, subprocess, tempfile

from load import talk
from memory import of_idle
from messages import PAIRS, WINDOW, latencies
from servers import PORT, Database, Martlet, family, wait_for_port
from table import Runs, table

CLUSTER_PORT = 7810
ACCOUNTS = 5_000
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{directory}'
max_connections = 100
shared_buffers = 128MB
"""


class Cluster:
    """A PostgreSQL cluster with martletd's own settings, that also listens on loopback."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="martlet-peers-")
        os.chmod(self.directory, 0o755)
        if os.getuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        data = f"{self.directory}/data"
        self.run("initdb", "-D", data, "--username=postgres", "--encoding=UTF8", "--locale=C",
                 "--auth=trust", "--data-checksums")
        with open(f"{data}/postgresql.conf", "a") as file:
            file.write(SETTINGS.format(port=CLUSTER_PORT, directory=self.directory))
        self.run("pg_ctl", "start", "-D", data, "-l", f"{self.directory}/log", "-w", "-s")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "stop", "-D", f"{self.directory}/data", "-m", "fast", "-w", "-s")
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, program, *arguments):
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} \
            if os.getuid() == 0 else {}
        subprocess.run([f"{self.programs}/{program}", *arguments], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, **user)

    def database(self, name):
        url = f"host=127.0.0.1 port={CLUSTER_PORT} user=postgres dbname="
        Database(url + "postgres").ask(f"CREATE DATABASE {name}")
        return Database(url + name)

    def processes(self):
        with open(f"{self.directory}/data/postmaster.pid") as file:
            return family(int(file.readline()))


class SharedMartlet(Martlet):
    """martletd on a cluster that it has not made."""

    kind, port = "martlet", PORT

    def __init__(self, cluster):
        super().__init__()
        self.cluster, self.shared = cluster, cluster.database("martlet")
        self.command += ["--database-url", self.shared.connection]

    def __enter__(self):
        super().__enter__()
        self.database = self.shared
        return self

    def processes(self):
        return {"server": [self.process.pid], "database": self.cluster.processes()}


class Peer:
    """An XMPP server that a user of its own runs in the foreground."""

    kind = "xmpp"

    def __init__(self, cluster):
        self.cluster, self.database = cluster, cluster.database(self.user)

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix=f"{self.user}-bench-")
        os.chmod(self.directory, 0o755)
        self.prepare()
        owner = pwd.getpwnam(self.user)
        for path in [self.directory, *glob.glob(f"{self.directory}/*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid)
        self.process = subprocess.Popen(
            self.command(), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            user=self.user, group=self.user, extra_groups=[], start_new_session=True,
            env={"PATH": os.environ["PATH"], "HOME": self.directory})
        wait_for_port(self.port)
        return self

    def __exit__(self, *_):
        subprocess.run(["pkill", "-TERM", "-s", str(os.getsid(self.process.pid))])
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, name, text):
        with open(f"{self.directory}/{name}", "w") as file:
            file.write(text)

    def processes(self):
        return {"server": family(self.process.pid), "database": self.cluster.processes()}


class Ejabberd(Peer):
    name, user, port = "ejabberd", "ejabberd", 7801

    def prepare(self):
        with open("/usr/share/ejabberd/sql/pg.sql") as file:
            self.database.ask(file.read())
        self.write("ejabberdctl.cfg", "ERLANG_NODE=martlet-bench@localhost\n")
        self.write("ejabberd.yml", f"""
hosts: [localhost]
loglevel: error
listen:
  - port: {self.port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    starttls_required: false
    shaper: none
    access: all
auth_method: sql
auth_password_format: plain
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {CLUSTER_PORT}
sql_database: {self.user}
sql_username: postgres
sql_password: none
disable_sasl_mechanisms: []
modules:
  mod_ping: {{}}
  mod_roster: {{db_type: sql}}
  mod_mam: {{db_type: sql, default: always}}
""")

    def command(self):
        return ["ejabberdctl", "--config-dir", self.directory, "--config",
                f"{self.directory}/ejabberd.yml", "--ctl-config",
                f"{self.directory}/ejabberdctl.cfg", "--logs", self.directory, "--spool",
                f"{self.directory}/spool", "foreground"]

    def seed(self, accounts):
        self.database.ask("INSERT INTO users (username, password) SELECT 'load-' || n, "
                          f"'a long password' FROM generate_series(0, {accounts - 1}) AS n; ANALYZE")
        return 0

    def stored(self):
        return int(self.database.ask("SELECT count(*) FROM archive")) // 2


class Prosody(Peer):
    name, user, port = "Prosody", "prosody", 7802

    def prepare(self):
        self.write("prosody.cfg.lua", f"""
daemonize = false
data_path = "{self.directory}"
log = {{ error = "{self.directory}/error.log" }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "mam" }}
modules_disabled = {{ "s2s", "tls" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "sql"
sql = {{ driver = "PostgreSQL", database = "{self.user}", username = "postgres",
        password = "none", host = "127.0.0.1", port = {CLUSTER_PORT} }}
default_archive_policy = true
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port} }}
VirtualHost "localhost"
""")

    def command(self):
        return ["prosody", "--config", f"{self.directory}/prosody.cfg.lua", "-F"]

    def seed(self, accounts):
        self.database.ask(
            "INSERT INTO prosody (host, \"user\", store, key, type, value) "
            "SELECT 'localhost', 'load-' || n, 'accounts', 'password', 'string', 'a long password' "
            f"FROM generate_series(0, {accounts - 1}) AS n; ANALYZE")
        return 0

    def stored(self):
        return int(self.database.ask(
            "SELECT count(*) FROM prosodyarchive WHERE store = 'archive'")) // 2


def compare(runs, seconds):
    """martletd, ejabberd and Prosody in turns, all on one cluster."""
    loads = {"full": {"window": WINDOW}, "quiet": {"rate": 50}}
    reports, memory = {}, {}
    with Cluster() as cluster, contextlib.ExitStack() as stack:
        servers = [stack.enter_context(kind(cluster)) for kind in (SharedMartlet, Ejabberd, Prosody)]
        ways = [(server, {"address": f"127.0.0.1:{server.port}", "kind": server.kind,
                          "first_user": server.seed(ACCOUNTS)}) for server in servers]
        # Before anything else, which leaves memory behind that is used again.
        for server, way in ways:
            memory[server.name] = of_idle(server, ACCOUNTS, **way)
        for _ in range(runs):
            for server, way in ways:
                for name, load in loads.items():
                    reports.setdefault((name, server.name), []).append(talk(
                        server, pairs=PAIRS, seconds=seconds, **way, **load))
    names = [server.name for server in servers]
    for name, title in (("full", f"{PAIRS} pairs, window {WINDOW}"), ("quiet", "50 messages a second")):
        rows = []
        for server in names:
            runs_of = reports[name, server]
            rows.append([server, Runs(report["rate"] for report in runs_of)] + latencies(runs_of)
                        + [Runs([100 * report["shares"][part] for report in runs_of])
                           for part in ("server", "database")]
                        + [Runs([100 * report["processor"] for report in runs_of])])
        table(f"{title}, from due to received", ["", "messages/s", "p50 ms", "p99 ms",
              "server %", "database %", "generator %"], rows)
    table(f"{ACCOUNTS:,} connections that say nothing", ["", "KiB for each"],
          [[name, Runs([memory[name]], 1)] for name in names])
