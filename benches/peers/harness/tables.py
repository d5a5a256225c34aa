"""Tables of what was measured, and their places in README.md and PERFORMANCE.md."""
import os
import re
import statistics

from harness import servers, wire
from harness.results import ROOT

OWN, LIMIT = servers.OWN, servers.LIMIT
README = "README.md"
PERFORMANCE = "PERFORMANCE.md"
AHEAD = 7


def median(values):
    return statistics.median(values)


def spread(values):
    return max(values) / min(values)


def grid(header, lines):
    """A table of Markdown: the first column is names."""
    return "\n".join(["| " + " | ".join(header) + " |", "|---|" + "--:|" * (len(header) - 1)] + ["| " + " | ".join(line) + " |" for line in lines])


def label(name, panic, alone):
    """A server's title; with how it panics where there are both."""
    title = servers.TITLES[name]
    return title if alone or panic is None else f"{title}, {panic}"


def in_order(keys):
    order = list(servers.TITLES)
    return sorted(keys, key=lambda key: (order.index(key[0]), key[1] or ""))


class Times:
    """CPU times by server, row and round."""

    def __init__(self, results, workers=1):
        self.by = {}
        for entry in results.all["time"]:
            if entry["workers"] == workers:
                key = entry["server"], entry["panic"]
                self.by.setdefault((key, entry["row"]), {})[entry["round"]] = entry["us"]
        self.keys = in_order({key for key, _ in self.by})
        self.rows = [row for row in wire.ROWS if any(row == known for _, known in self.by)]
        self.own = next((key for key in self.keys if key[0] == OWN), None)
        self.limit = next((key for key in self.keys if key[0] == LIMIT), None)

    def values(self, key, row):
        return list(self.by.get((key, row), {}).values())

    def against(self, key, row):
        """fastweb relative to another, round by round."""
        own, other = self.by.get((self.own, row), {}), self.by.get((key, row), {})
        return [own[number] / other[number] for number in own.keys() & other.keys()]

    def rounds(self):
        return max((len(rounds) for rounds in self.by.values()), default=0)


def shown(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def instructions(results):
    counts = {}
    for entry in results.all["count"]:
        counts.setdefault((entry["server"], entry["panic"]), {})[entry["row"]] = entry["instructions"]
    if not counts:
        return None
    rows = [row for row in wire.ROWS if any(row in of_server for of_server in counts.values())]
    lines = []
    for name, panic in in_order(counts):
        cells = [f"{counts[name, panic][row]:,.0f}" if row in counts[name, panic] else "" for row in rows]
        alone = sum(key[0] == name for key in counts) == 1
        title = label(name, panic, alone)
        lines.append([f"**{cell}**" if name == OWN and cell else cell for cell in [title, *cells]])
    return grid(["server", *(wire.ROWS[row].title for row in rows)], lines)


def ratios(times):
    """fastweb relative to each other server, and in how many rounds it was ahead."""
    lines = []
    for key in times.keys:
        if key == times.own:
            continue
        cells = []
        for row in times.rows:
            all_rounds = times.against(key, row)
            if not all_rounds:
                cells.append("")
                continue
            wins = sum(ratio < 1 for ratio in all_rounds)
            text = f"{median(all_rounds):.2f} ({wins})"
            cells.append(f"**{text}**" if wins * 8 >= AHEAD * len(all_rounds) else text)
        alone = sum(other[0] == key[0] for other in times.keys) == 1
        lines.append([label(*key, alone), *cells])
    return grid(["relative to", *(wire.ROWS[row].title for row in times.rows)], lines)


def absolute(times):
    """Microseconds of CPU, and the spread: the slowest round by the fastest."""
    lines = []
    for key in times.keys:
        cells = []
        for row in times.rows:
            values = times.values(key, row)
            cells.append(f"{shown(median(values))} ({spread(values):.2f})" if values else "")
        alone = sum(other[0] == key[0] for other in times.keys) == 1
        lines.append([label(*key, alone), *cells])
    return grid(["server", *(wire.ROWS[row].title for row in times.rows)], lines)


def latencies(results):
    by = {}
    for entry in results.all["latency"]:
        by.setdefault((entry["server"], entry["panic"]), []).append(entry)
    if not by:
        return None
    rate = max(entry["rate"] for entries in by.values() for entry in entries)
    lines = []
    for key in in_order(by):
        entries = by[key]
        cells = []
        for name in ("p50_us", "p99_us", "p999_us"):
            values = [entry[name] for entry in entries]
            cells.append(f"{median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})")
        lines.append([servers.TITLES[key[0]], *cells])
    rounds = max(len(entries) for entries in by.values())
    header = f"Latency of `/json` in microseconds at {rate:,} requests a second, 64 connections: the median of {rounds} rounds, and the least and the most.\n\n"
    # Where the loop itself is late, the machine is.
    footer = "\n\nWhat lies within the spread of the loop is the machine's doing."
    return header + grid(["server", "p50", "p99", "p99.9"], lines) + footer


def provenance(results):
    taken = results.all.get("taken", {})
    versions = servers.versions()
    measured = {entry["server"] for kind in ("count", "time") for entry in results.all[kind]}
    told = ", ".join(f"{servers.TITLES[name]} {version}" for name, version in versions.items() if name in measured and version)
    panics = {entry["panic"] for kind in ("count", "time") for entry in results.all[kind] if entry["server"] not in (OWN, LIMIT)} - {None}
    rivals = "rivals abort" if panics == {"abort"} else "rivals unwind" if panics == {"unwind"} else "rivals as is said"
    return (
        f"Taken on {taken.get('date')} by `benches/peers/run` on {taken.get('machine')}: a shared virtual machine. {taken.get('rustc')}, fat LTO, one codegen unit, "
        f"mimalloc for all; on panic fastweb unwinds and {rivals}. {told}."
    )


def readme(results):
    times = Times(results)
    parts = [provenance(results)]
    counted = instructions(results)
    if counted:
        parts += [
            "User-space instructions per request, over a socket, one connection that waits for each answer: a count, which repeats.",
            counted,
            "The loop, hyper and may_minihttp have no router. may_minihttp has no timeouts and reads no chunked bodies; the loop parses nothing at all. "
            "actix-web closes the connection behind an echo.",
        ]
    if times.own and len(times.keys) > 1:
        parts += [
            f"CPU time of fastweb relative to each other server, kernel included: the median of {times.rounds()} rounds taken in turns, and in how many of them fastweb "
            f"needed less. Below 1.00 it needs less; bold is ahead, which is less in {AHEAD} of 8 rounds. Most of an unpipelined request is the kernel's work, so these "
            "differ little. Bodies are per byte.",
            ratios(times),
        ]
    return "\n\n".join(parts)


def performance(results):
    parts = [provenance(results)]
    for workers, title in ((1, "one worker"), (2, "two workers, which share both cores with the load")):
        times = Times(results, workers)
        if times.keys:
            parts += [
                f"Microseconds of CPU per request, bodies per MB, {title}: the median of {times.rounds()} rounds, and the slowest round by the fastest.",
                absolute(times),
            ]
            if workers > 1 and times.own:
                parts += ["fastweb relative to each, and in how many rounds it needed less:", ratios(times)]
    late = latencies(results)
    if late:
        parts.append(late)
    return "\n\n".join(parts)


def whole(results):
    return readme(results) + "\n\n" + performance(results)


def write(results):
    for name, text in ((README, readme(results)), (PERFORMANCE, performance(results))):
        path = os.path.join(ROOT, name)
        with open(path) as file:
            before = file.read()
        begin, end = "<!-- peers: begin -->\n", "<!-- peers: end -->"
        if before.count(begin) != 1 or before.count(end) != 1:
            raise SystemExit(f"{name} has no place for the table: {begin.strip()} and {end}, once each")
        after = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: f"{begin}{text}\n{end}", before, flags=re.S)
        with open(path, "w") as file:
            file.write(after)
        print(f"written: {name}")
