"""Files up and down, by curl, beside nginx on the same disk."""
import json, os, shutil, struct, subprocess, tempfile, threading, time

from servers import PORT, Martlet, family, processor_seconds, resident_bytes, wait_for_port
from table import Runs, table
from wire import Client

SIZE = 96_000_000
NGINX_PORT = PORT + 1
NGINX = """
daemon off; worker_processes 2; pid {0}/pid; error_log {0}/errors;
events {{}}
http {{
  access_log off; sendfile on; tcp_nopush on; client_max_body_size 200m;
  client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
  server {{ listen 127.0.0.1:{1}; root {0}/files; location / {{ dav_methods PUT DELETE; }} }}
}}
"""


class Nginx:
    """nginx on loopback that takes files by PUT: `with Nginx() as server:`."""

    name, ways = "nginx", ("upload", "upload_flushed")

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="martlet-nginx-")
        os.chmod(self.directory, 0o755)
        os.mkdir(f"{self.directory}/files")
        # Its workers give up root.
        os.chmod(f"{self.directory}/files", 0o777)
        with open(f"{self.directory}/conf", "w") as file:
            file.write(NGINX.format(self.directory, NGINX_PORT))
        self.process = subprocess.Popen(
            ["nginx", "-e", f"{self.directory}/errors", "-c", f"{self.directory}/conf"])
        wait_for_port(NGINX_PORT)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def upload(self, path):
        name = f"{time.monotonic_ns()}.wav"
        url = f"http://127.0.0.1:{NGINX_PORT}/{name}"
        curl("-T", path, url)
        self.stored = f"{self.directory}/files/{name}"
        return url

    def upload_flushed(self, path):
        """The same, and waits until it is on the disk, as martletd does before it answers."""
        url = self.upload(path)
        with open(self.stored, "rb") as file:
            os.fsync(file)
        return url

    def download(self, url):
        curl("-o", "/dev/null", url)

    def remove(self, url):
        curl("-X", "DELETE", url)


class Files:
    """martletd's side of the same."""

    name, ways = "martletd", ("upload",)

    def __init__(self):
        self.url = f"http://127.0.0.1:{PORT}/v1/attachments"
        self.token = Client("alice").token

    def curl(self, *arguments):
        return curl("-H", f"Authorization: Bearer {self.token}", *arguments)

    def upload(self, path):
        began = json.loads(self.curl("-X", "POST", "-H", f"Upload-Length: {os.path.getsize(path)}",
                                     f"{self.url}?name=sound.wav"))
        url = f"{self.url}/{began['id']}"
        self.curl("-X", "PATCH", "-H", "Upload-Offset: 0", "-T", path, url)
        return url

    def download(self, url):
        self.curl("-o", "/dev/null", url)

    def remove(self, url):
        self.curl("-X", "DELETE", url)


def curl(*arguments):
    return subprocess.run(["curl", "-sSf", "-H", "Expect:", *arguments],
                          check=True, capture_output=True, text=True).stdout


def sound(path):
    """A WAV file of noise."""
    with open(path, "wb") as file:
        data = SIZE - 44
        file.write(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", SIZE - 8, b"WAVE", b"fmt ", 16, 1, 2,
                               44_100, 176_400, 4, 16, b"data", data))
        file.write(os.urandom(data))


class Peak:
    """The most memory that a process has while this is entered, in bytes beyond what it had before."""

    def __init__(self, process):
        self.process = process

    def __enter__(self):
        self.ended = threading.Event()
        self.before = self.most = resident_bytes(self.process)
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()
        return self

    def watch(self):
        while not self.ended.wait(0.02):
            self.most = max(self.most, resident_bytes(self.process))

    def __exit__(self, *_):
        self.ended.set()
        self.watcher.join()
        self.bytes = self.most - self.before


def measure(process, act):
    """Runs something. Returns how fast it was in MB/s, the milliseconds of a processor that it took of a
    process and its children, and the MiB of memory that the process took for it; and what it returned."""
    os.sync()
    before, began = processor_seconds(family(process)), time.monotonic()
    with Peak(process) as peak:
        result = act()
        passed = time.monotonic() - began
    taken = processor_seconds(family(process)) - before
    return (SIZE / 1e6 / passed, 1000 * taken, peak.bytes / 2**20), result


def attachments(runs, _seconds):
    figures = {}
    with Martlet() as server, Nginx() as nginx, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "sound.wav")
        sound(path)
        files = Files()
        for run in range(runs + 1):
            for taker, process in ((files, server.process.pid), (nginx, nginx.process.pid)):
                for way in taker.ways:
                    up, url = measure(process, lambda: getattr(taker, way)(path))
                    down, _ = measure(process, lambda: taker.download(url))
                    taker.remove(url)
                    # The first time warms up.
                    if run:
                        figures.setdefault(f"{way}, {taker.name}", []).append(up)
                        figures.setdefault(f"download, {taker.name}", []).append(down)
    table(f"A file of {SIZE / 1e6:.0f} MB, by curl",
          ["", "MB/s", "ms of a processor", "MiB of memory"],
          [[what, *map(Runs, zip(*figures[what]))] for what in sorted(figures, reverse=True)])
    for what, other in (("upload", "upload"), ("upload", "upload_flushed"), ("download", "download")):
        ratio = Runs(100 * mine[0] / theirs[0] for mine, theirs in
                     zip(figures[f"{what}, martletd"], figures[f"{other}, nginx"]))
        print(f"\n{what} is {ratio} % of nginx's {other}.")
