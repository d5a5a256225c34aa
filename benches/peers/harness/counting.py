"""Instructions per request: the server runs under callgrind and answers N requests, then another 2N, one after the other on one connection that
is kept. The difference is what N requests take, without the start and the end. The kernel is not counted.

What a server does by the clock is in it, and a machine that is busy otherwise lets more of that happen between two requests. It only ever adds, so
each total is the least of several."""
import concurrent.futures
import os
import re
import shutil
import tempfile

from harness import servers, wire


def total(server, row, requests, opt):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", f"--log-file={log}"]
        with servers.running(server, opt, callgrind, patience=120) as (process, port):
            raw = wire.request(row.method, row.target, row.body, wire.USUAL)
            with wire.Client(port) as client:
                for _ in range(requests):
                    status = client.call(raw)[0]
                    if status not in (200, 201):
                        raise RuntimeError(f"{server.key()}: status {status}")
            process.terminate()
            process.wait(60)
        with open(log) as file:
            return int(re.search(r"Collected : (\d+)", file.read())[1])


def least(server, row, requests, opt):
    return min(total(server, row, requests, opt) for _ in range(opt.repeats))


def per_request(server, row, opt):
    return (least(server, row, 2 * opt.requests, opt) - least(server, row, opt.requests, opt)) / opt.requests


def run(chosen, opt, results):
    if not shutil.which("valgrind"):
        print("instructions are not counted: valgrind is not installed")
        return
    rows = {name: row for name, row in wire.ROWS.items() if row.is_counted() and (not opt.rows or name in opt.rows)}
    # Counts do not care what runs beside them. Interpreters are left out: their figure would be that of a compiler that warms up.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for server in chosen:
            if server.script:
                continue
            futures = {name: pool.submit(per_request, server, row, opt) for name, row in rows.items()}
            counted = [
                {"server": server.name, "panic": server.panic, "row": name, "instructions": future.result()}
                for name, future in futures.items()
            ]
            results.replace("count", counted, ["server", "panic", "row"])
            print(f"{server.key()}: " + ", ".join(f"{entry['row']} {entry['instructions']:,.0f}" for entry in counted), flush=True)
