"""CPU time: all servers are up, and each round asks every one of them for every row. A slow spell of the machine then hits all alike."""
import contextlib
import json
import os
import subprocess

from harness import servers, wire
from harness.results import TARGET

LOAD = os.path.join(TARGET, "measure", "load")
MEGABYTE = 1024 * 1024


def load(port, raw, opt, arguments, pid=None):
    """Runs the load once. It ends by itself; that it hangs would be a fault, so it is ended then."""
    pinned = ["taskset", "-c", opt.cores.split(",")[1]] if opt.workers == 1 else []
    command = pinned + [LOAD, str(port), *arguments] + (["--pid", str(pid)] if pid else [])
    done = subprocess.run(command, input=raw, capture_output=True, timeout=opt.seconds + 120)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode().strip())
    return json.loads(done.stdout)


def cost(row, result):
    """Microseconds of CPU per request, or per MB."""
    amount = result[row.per] / (1 if row.per == "answers" else MEGABYTE)
    return result["cpu"] * 1e6 / amount if amount else None


def run(chosen, opt, results):
    rows = {name: row for name, row in wire.ROWS.items() if not opt.rows or name in opt.rows}
    earlier = [row["round"] for row in results.all["time"] if row["workers"] == opt.workers]
    first = max(earlier, default=-1) + 1
    with contextlib.ExitStack() as stack:
        up = [(server, *stack.enter_context(servers.running(server, opt))) for server in chosen]
        for number in range(first, first + opt.rounds):
            measured = []
            for name, row in rows.items():
                raw = row.bytes()
                # Who comes first changes with the round.
                turn = number % len(up)
                for server, process, port in up[turn:] + up[:turn]:
                    if name in server.lacks:
                        continue
                    arguments = ["--seconds", str(opt.seconds), "--warm", str(opt.seconds / 4), *row.load]
                    result = load(port, raw, opt, arguments, process.pid)
                    entry = {"server": server.name, "panic": server.panic, "row": name, "round": number, "workers": opt.workers}
                    entry |= {"us": cost(row, result), "answers_per_second": result["answers"] / result["seconds"]}
                    entry |= {"busy": result["cpu"] / result["seconds"]}
                    if entry["us"] is not None:
                        measured.append(entry)
            results.add("time", measured)
            print(f"round {number - first + 1} of {opt.rounds} done", flush=True)
