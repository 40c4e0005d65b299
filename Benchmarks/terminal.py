"""The client in a pseudo-terminal, beside WeeChat where that is installed."""
import fcntl, os, pty, random, re, select, shutil, signal, statistics, struct, tempfile, termios, time

from servers import PORT, ROOT, Martlet, resident_bytes
from table import Runs, table
from wire import Client, percentiles

MARTLET = os.path.join(ROOT, ".build", "release", "martlet")
ROWS, COLUMNS = 40, 120
CONTACTS = 10_000


class Terminal:
    """A program in a terminal of its own, with a home of its own."""

    def __init__(self, command):
        self.home = tempfile.mkdtemp(prefix="martlet-terminal-")
        self.output = b""
        self.started = time.monotonic()
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            environment = {"PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8",
                           "TERM": "xterm-256color"}
            os.execvpe(command[0], command, environment)
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.descriptor)
        shutil.rmtree(self.home, ignore_errors=True)

    def read(self, timeout):
        """What comes within some seconds, as soon as anything does."""
        if not select.select([self.descriptor], [], [], timeout)[0]:
            return b""
        data = os.read(self.descriptor, 65536)
        self.output += data
        return data

    def wait_for(self, text, seconds=20):
        """Reads until a text was drawn since the last wait. Returns when it was."""
        until = time.monotonic() + seconds
        while text.encode() not in self.output:
            if time.monotonic() > until:
                raise SystemExit(f"{text!r} was not drawn: {self.output[-2000:]!r}")
            self.read(0.1)
        self.output = b""
        return time.monotonic()

    def settle(self, quiet=0.3):
        while self.read(quiet):
            pass
        self.output = b""

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def waits(self):
        """How often each of its threads has begun to wait, so far."""
        counts = {}
        for thread in os.listdir(f"/proc/{self.process}/task"):
            with open(f"/proc/{self.process}/task/{thread}/status") as file:
                found = re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.M)
            counts[thread] = int(found.group(1))
        return counts


def martlet(*options):
    return Terminal([MARTLET, "--server", f"ws://127.0.0.1:{PORT}", "--language", "en", *options])


def weechat():
    return Terminal(["weechat", "--temp-dir"])


def start(terminal, text):
    """Milliseconds from the start of a program until it has drawn a text."""
    with terminal() as screen:
        return (screen.wait_for(text) - screen.started) * 1000


def sign_in(screen, name):
    screen.wait_for("Password")
    screen.settle()
    screen.type(name + "\t")
    screen.type("a long password")
    screen.settle(0.1)
    began = time.monotonic()
    screen.type("\r")
    return began


def client(runs, _seconds):
    rows = []
    kinds = [("martlet", martlet, "Password")]
    if shutil.which("weechat"):
        kinds.append(("WeeChat", weechat, "WeeChat"))
    for name, kind, text in kinds:
        figures = [start(kind, text) for _ in range(10 * runs)]
        rows.append([name, *(f"{figure:.0f}" for figure in percentiles(figures))])
    table("From the start of the program to its first screen", ["", "p50 ms", "p99 ms"], rows)

    with Martlet() as server:
        server.seed(CONTACTS)
        newcomer, times = Client("alice"), []
        for _ in range(runs):
            began = time.monotonic()
            newcomer = Client()
            newcomer.call("session.login", name="alice", password="a long password", device="b")
            times.append((time.monotonic() - began) * 1000)
        hash_time = statistics.median(times)
        lists, keys, memories, wakes, written = [], [], [], [], []
        for _ in range(runs):
            with martlet("--no-cache") as screen:
                began = sign_in(screen, "alice")
                lists.append((screen.wait_for("load-0") - began) * 1000 - hash_time)
                screen.settle(1)
                memories.append(resident_bytes(screen.process) / 2**20)
                before = screen.waits()
                time.sleep(20)
                wakes.append(sum(count - before.get(thread, 0)
                                 for thread, count in screen.waits().items()) / 20)
                screen.settle()
                # To the first contact, and into the input.
                screen.type("\r")
                screen.settle(1)
                times = []
                for number in range(300):
                    began = time.monotonic()
                    screen.type("abcdefghij"[number % 10])
                    written.append(len(screen.read(1)))
                    times.append((time.monotonic() - began) * 1000)
                    # As quickly as people type, and at any point of a frame.
                    time.sleep(random.uniform(0.02, 0.06))
                    while screen.read(0):
                        pass
                keys.append(percentiles(times))
        table(f"Signed in, with {CONTACTS:,} contacts, {COLUMNS} columns", ["what", "figure"], [
            ["from Enter to the painted list, without the password hash", f"{Runs(lists)} ms"],
            ["from a key to the screen, p50", f"{Runs([key[0] for key in keys], 2)} ms"],
            ["from a key to the screen, p99", f"{Runs([key[1] for key in keys], 2)} ms"],
            ["bytes written for a key", Runs([statistics.median(written)])],
            ["resident memory", f"{Runs(memories, 1)} MiB"],
            ["times that a thread has waited, idle, each second", Runs(wakes, 1)]])
