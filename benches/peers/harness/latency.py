"""Latency at a constant rate: half of what the slowest of the servers answers as fast as it can. Counted from when a request was due."""
import contextlib

from harness import servers, wire
from harness.timing import load


def run(chosen, opt, results):
    row = wire.ROWS["json"]
    raw = row.bytes()
    with contextlib.ExitStack() as stack:
        up = [(server, *stack.enter_context(servers.running(server, opt))) for server in chosen if not server.script]
        fast = [load(port, raw, opt, ["--seconds", str(opt.seconds)]) for _, _, port in up]
        rate = int(min(result["answers"] / result["seconds"] for result in fast) / 2)
        for number in range(opt.rounds):
            measured = []
            turn = number % len(up)
            for server, process, port in up[turn:] + up[:turn]:
                arguments = ["--seconds", str(opt.seconds * 2), "--rate", str(rate)]
                result = load(port, raw, opt, arguments, process.pid)
                entry = {"server": server.name, "panic": server.panic, "round": number, "rate": rate, "workers": opt.workers}
                entry |= {key: result[key] for key in ("p50_us", "p99_us", "p999_us")}
                measured.append(entry)
            results.add("latency", measured)
            print(f"latency at {rate:,} a second: round {number + 1} of {opt.rounds} done", flush=True)
