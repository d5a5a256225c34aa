"""Which servers there are, how they are built, started and ended."""
import contextlib
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import time

from harness import wire
from harness.results import HERE, TARGET

PROFILES = {"unwind": "measure", "abort": "measure-abort"}


class Server:
    """`crate` is the one whose version is told. `lacks` are rows that it cannot answer."""

    def __init__(self, name, title, crate=None, lacks=(), script=None, note=""):
        self.name, self.title, self.crate, self.lacks, self.script, self.note = name, title, crate, lacks, script, note
        self.panic = None

    def with_panic(self, panic):
        other = Server(self.name, self.title, self.crate, self.lacks, self.script, self.note)
        other.panic = panic
        return other

    def key(self):
        return f"{self.name}-{self.panic}" if self.panic else self.name

    def command(self, port, workers):
        if self.script:
            return ["node", os.path.join(HERE, "node", self.script), str(port), str(workers)]
        binary = os.path.join(TARGET, PROFILES[self.panic], f"peer-{self.name}")
        return [binary, str(port), str(workers)]

    def is_there(self):
        if self.script == "fastify.mjs":
            return shutil.which("node") and os.path.isdir(os.path.join(HERE, "node", "node_modules", "fastify"))
        if self.script:
            return shutil.which("node")
        return os.path.exists(self.command(0, 0)[0])


LIMIT = "limit"
OWN = "fastweb"
ALL = [
    Server("limit", "bare epoll loop"),
    Server("fastweb", "fastweb", "fastweb"),
    Server("hyper", "hyper", "hyper"),
    Server("axum", "axum", "axum"),
    Server("actix", "actix-web", "actix-web"),
    Server("ntex", "ntex", "ntex"),
    Server("xitca", "xitca-http", "xitca-http"),
    Server("may", "may_minihttp", "may_minihttp", lacks=("echo",)),
    Server("node", "node:http", script="http.mjs"),
    Server("fastify", "Fastify", script="fastify.mjs"),
]
TITLES = {server.name: server.title for server in ALL}


def variants(server, panic):
    """How a server is measured: fastweb and the loop as they are meant, rivals as asked for."""
    if server.script:
        return [server]
    if server.name in (OWN, LIMIT):
        return [server.with_panic("unwind")]
    return [server.with_panic(one) for one in (["abort", "unwind"] if panic == "both" else [panic])]


def choose(opt):
    known = {server.name for server in ALL}
    for name in opt.servers or []:
        if name not in known:
            raise SystemExit(f"{name} is no server; there are: {' '.join(sorted(known))}")
    chosen = []
    for server in ALL:
        if opt.servers and server.name not in opt.servers:
            continue
        for variant in variants(server, opt.panic):
            if variant.is_there():
                chosen.append(variant)
            elif not server.script or opt.servers:
                print(f"{variant.key()} is missing: `run build` makes it" if not server.script else f"{server.name} is not installed")
    return chosen


def build(opt):
    environment = {**os.environ, "CARGO_TARGET_DIR": TARGET}
    packages = [("measure", "load")]
    for server in ALL:
        if not server.script and (not opt.servers or server.name in opt.servers):
            packages += [(PROFILES[variant.panic], f"peer-{server.name}") for variant in variants(server, opt.panic)]
    for profile, package in packages:
        begun = time.time()
        subprocess.run(["cargo", "build", "--quiet", "--profile", profile, "--package", package], cwd=HERE, env=environment, check=True)
        print(f"built {package} with {profile}: {time.time() - begun:.0f} s", flush=True)


def versions():
    """Of the crates that are compared, from the lock file; of node from itself."""
    with open(os.path.join(HERE, "Cargo.lock")) as file:
        locked = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', file.read()))
    found = {server.name: locked.get(server.crate) for server in ALL if server.crate and server.name != OWN}
    if shutil.which("node"):
        found["node"] = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
        with contextlib.suppress(OSError), open(os.path.join(HERE, "node", "node_modules", "fastify", "package.json")) as file:
            found["fastify"] = json.load(file)["version"]
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def many_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextlib.contextmanager
def running(server, opt, wrapped=(), patience=20):
    """Starts a server on its core and gives process and port; ends this process, and no other."""
    port = free_port()
    pinned = ["taskset", "-c", opt.cores.split(",")[0]] if opt.workers == 1 and not wrapped else []
    command = pinned + list(wrapped) + server.command(port, opt.workers)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=many_files)
    try:
        end = time.time() + patience
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.time() > end:
                    raise RuntimeError(f"{server.key()} does not start: {' '.join(command)}") from None
                time.sleep(0.05)
        yield process, port
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def verify(chosen, opt):
    good = True
    for server in chosen:
        with running(server, opt) as (_, port):
            wrong = wire.violations(port, server.lacks, believes=server.name == LIMIT)
        print(f"{server.key()}: {'as agreed' if not wrong else '; '.join(wrong)}", flush=True)
        good = good and not wrong
    return good
