"""Instructions per request: the server runs under callgrind, and requests go one after the other over one connection that is kept. Its counters are
set to zero behind some requests that warm it up, and read N requests later. The kernel is not counted.

Between two runs of a process the start differs by more than many requests take (hash maps have other seeds each time), so nothing of two runs is
subtracted. What a server does by the clock is in it, and on a busy machine more of that happens between two requests. It only ever adds, so each figure is
the least of several."""
import glob
import os
import re
import shutil
import subprocess
import tempfile

from harness import servers, wire

WARM = 50


def control(process, *arguments):
    subprocess.run(["callgrind_control", *arguments, str(process.pid)], check=True, capture_output=True, timeout=120)


def ask(client, raw, times):
    for _ in range(times):
        status = client.call(raw)[0]
        if status not in (200, 201):
            raise RuntimeError(f"status {status}")


def count(server, rows, opt):
    """Instructions per request of each of these rows."""
    with tempfile.TemporaryDirectory() as folder:
        callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", f"--log-file={folder}/log"]
        with servers.running(server, opt, callgrind, patience=120) as (process, port), wire.Client(port) as client:
            least = {}
            for name in rows:
                row = wire.ROWS[name]
                raw = wire.request(row.method, row.target, row.body, wire.USUAL)
                ask(client, raw, WARM)
                for _ in range(opt.repeats):
                    control(process, "--zero")
                    ask(client, raw, opt.requests)
                    control(process, "--dump")
                    [dumped] = glob.glob(f"{folder}/out.*")
                    with open(dumped) as file:
                        per_request = int(re.search(r"^(?:totals|summary): (\d+)", file.read(), re.M)[1]) / opt.requests
                    os.remove(dumped)
                    least[name] = min(least.get(name, per_request), per_request)
            return least


def is_possible():
    return shutil.which("valgrind") and shutil.which("callgrind_control")


def run(chosen, opt, results):
    if not is_possible():
        print("instructions are not counted: valgrind is not installed")
        return
    rows = [name for name, row in wire.ROWS.items() if row.is_counted() and (not opt.rows or name in opt.rows)]
    for server in chosen:
        # Interpreters are left out: their figure would be that of a compiler that warms up.
        if server.script:
            continue
        counted = count(server, rows, opt)
        entries = [{"server": server.name, "panic": server.panic, "row": row, "instructions": counted[row]} for row in rows]
        results.replace("count", entries, ["server", "panic", "row"])
        print(f"{server.key()}: " + ", ".join(f"{row} {counted[row]:,.0f}" for row in rows), flush=True)
