"""What was measured: one JSON file, written after each step, so that nothing is lost that was paid for."""
import json
import os
import platform
import subprocess
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.environ.get("CARGO_TARGET_DIR") or os.path.join(HERE, "target")


class Results:
    def __init__(self, path):
        self.path = path or os.path.join(TARGET, "peers.json")
        self.all = {"count": [], "time": [], "latency": []}
        if os.path.exists(self.path):
            with open(self.path) as file:
                self.all |= json.load(file)

    def forget(self):
        self.all = {"count": [], "time": [], "latency": []}
        self.save()

    def add(self, kind, rows):
        self.all[kind] += rows
        self.all["taken"] = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "rustc": rustc(), "commit": commit()}
        self.save()

    def replace(self, kind, rows, keys):
        """Counts repeat, so there is one of each."""
        new = {tuple(row[key] for key in keys) for row in rows}
        self.all[kind] = [row for row in self.all[kind] if tuple(row[key] for key in keys) not in new]
        self.add(kind, rows)

    def save(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path + ".new", "w") as file:
            json.dump(self.all, file, indent=0)
        os.replace(self.path + ".new", self.path)


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores, {model}, Linux {kernel}"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=HERE).stdout.strip()


def rustc():
    return " ".join(output("rustc", "--version").split()[:2])


def commit():
    return output("git", "rev-parse", "--short", "HEAD")
