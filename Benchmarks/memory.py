"""What connections cost that say nothing."""
import json, subprocess, tempfile, time

from servers import LOAD, MARTLETD, PORT, Martlet, resident_bytes
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


def certificate(directory):
    """A certificate that vouches for itself, and its key."""
    paths = [f"{directory}/{name}.pem" for name in ("certificate", "key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0],
         "-keyout", paths[1]], check=True, capture_output=True)
    return paths


def memory(runs, _seconds, connections=9_500):
    """Each run with a server of its own: what one has used it keeps for the next."""
    plain, encrypted = [], []
    with tempfile.TemporaryDirectory() as directory:
        chain, key = certificate(directory)
        ways = [(plain, [], {}),
                (encrypted, ["--tls-certificate", chain, "--tls-key", key],
                 {"address": f"wss://127.0.0.1:{PORT}", "roots": chain})]
        for _ in range(runs):
            for figures, options, way in ways:
                with Martlet(MARTLETD, *options) as server:
                    first = server.seed(connections)
                    figures.append(of_idle(server, connections, first_user=first, **way))
    table(f"{connections:,} connections that say nothing", ["", "KiB for each"],
          [["martletd", Runs(plain, 1)], ["with TLS", Runs(encrypted, 1)]])
