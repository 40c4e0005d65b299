"""Runs martlet-load beside a server and says what each of them took of the processors."""
import json, subprocess, sys, time

from servers import LOAD, PORT, processor_seconds


def talk(server, address=f"127.0.0.1:{PORT}", warm_up=2, seconds=10, **options):
    """One run of `martlet-load talk`. Returns what it reports, with the shares of the server and its database
    added and the number of messages stored meanwhile."""
    before = server.stored()
    command = [LOAD, "talk", "--address", address, "--warm-up", str(warm_up),
               "--seconds", str(seconds)]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    time.sleep(warm_up + 1)
    processes, began = server.processes(), time.monotonic()
    first = {name: processor_seconds(pids) for name, pids in processes.items()}
    time.sleep(seconds - 2)
    passed = time.monotonic() - began
    shares = {name: (processor_seconds(pids) - first[name]) / passed
              for name, pids in processes.items()}
    output, _ = load.communicate()
    if load.returncode:
        sys.exit("martlet-load failed")
    report = json.loads(output)
    report["shares"] = shares
    report["stored"] = server.stored() - before
    if not options.get("slow") and (
            report["sent"] != report["delivered"] or report["sent"] != report["stored"]
            or report["doubled"]
            or report["acknowledged"] not in (report["sent"], 0)):
        sys.exit(f"messages were lost or doubled: {report}")
    return report
