"""Requests and answers: the rows that are measured, and a client that checks them."""
import json
import socket

USERS = [
    {"id": n, "email": f"user{n}@example.com", "name": f"User {n}", "active": n % 2 == 0, "score": n * 1.5 + 0.25}
    for n in range(1, 101)
]
ADA = {"email": "ada@example.com", "name": "Ada Lovelace", "age": 36}
NEW_USER = json.dumps(ADA, separators=(",", ":")).encode()
MEGABYTE = 1024 * 1024

# What browsers and HTTP clients send at least. Counts are taken with it, times with `Host` alone, as load generators send.
USUAL = ("User-Agent: run/1", "Accept: application/json,text/html;q=0.9,*/*;q=0.7", "Connection: keep-alive")


def request(method, target, body=None, headers=(), host="127.0.0.1:8080"):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers]
    if body is not None:
        kind = "application/json" if body[:1] == b"{" else "application/octet-stream"
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")


def chunked(target, length, piece):
    """A request whose body comes in chunks."""
    head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = f"{piece:x}\r\n".encode() + b"x" * piece + b"\r\n"
    return head + chunk * (length // piece) + b"0\r\n\r\n"


class Row:
    """One thing that is measured. `per` is what the CPU time is divided by."""

    def __init__(self, title, method="GET", target="/plaintext", body=None, raw=None, load=(), per="answers"):
        self.title, self.method, self.target, self.body = title, method, target, body
        self.raw, self.load, self.per = raw, list(load), per

    def bytes(self):
        return self.raw() if self.raw else request(self.method, self.target, self.body)

    def is_counted(self):
        return self.raw is None and not self.load


ROWS = {
    "plaintext": Row("`/plaintext`"),
    "json": Row("`/json`", target="/json"),
    "param": Row("`/users/{id}`", target="/users/42"),
    "query": Row("`/search?q=&limit=`", target="/search?q=rust&limit=10"),
    "post": Row("`POST /users`", "POST", "/users", NEW_USER),
    "list": Row("`/users?n=100`", target="/users?n=100"),
    "pipelined": Row("16 pipelined", raw=lambda: request("GET", "/plaintext") * 16, load=["--answers", "16"]),
    "connection": Row("a connection each", load=["--close"]),
    "upload": Row("upload of 20 MB", raw=lambda: request("POST", "/upload", b"x" * (20 * MEGABYTE)),
                  load=["--connections", "32"], per="sent"),
    "echo": Row("chunked echo of 1 MB", raw=lambda: chunked("/echo", MEGABYTE, 16 * 1024), load=["--connections", "32"], per="sent"),
    "download": Row("download of 1 MB", target=f"/download?bytes={MEGABYTE}", load=["--connections", "32"], per="received"),
}


class Client:
    """One connection that is kept."""

    def __init__(self, port):
        self.buffer = b""
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def more(self):
        data = self.socket.recv(256 * 1024)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data

    def take(self, length):
        while len(self.buffer) < length:
            self.more()
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def line(self):
        while b"\r\n" not in self.buffer:
            self.more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode()

    def answer(self):
        """Status, headers with names in lower case, body."""
        status, headers, body = int(self.line().split()[1]), {}, b""
        while line := self.line():
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            while length := int(self.line(), 16):
                body += self.take(length)
                self.take(2)
            self.line()
        else:
            body = self.take(int(headers.get("content-length", 0)))
        return status, headers, body

    def call(self, raw):
        self.socket.sendall(raw)
        return self.answer()


def violations(port, lacks=(), believes=False):
    """What a server answers otherwise than agreed. `lacks` are rows that it has not; one that `believes` does not refuse."""
    wrong = []

    def check(what, answer, status, body=None, kind=None):
        if answer[0] != status:
            wrong.append(f"{what}: status {answer[0]}, not {status}")
        elif body is not None:
            got = answer[2] if isinstance(body, bytes) else json.loads(answer[2])
            if got != body:
                wrong.append(f"{what}: {answer[2][:100]!r}")
            if kind and not answer[1].get("content-type", "").startswith(kind):
                wrong.append(f"{what}: content-type {answer[1].get('content-type')}")
            if kind and not {"date", "server"} <= answer[1].keys():
                wrong.append(f"{what}: `date` or `server` is missing")

    with Client(port) as client:
        json_type = "application/json"
        check("plaintext", client.call(request("GET", "/plaintext")), 200, b"Hello, World!", "text/plain")
        check("json", client.call(request("GET", "/json")), 200, {"message": "Hello, World!"}, json_type)
        check("param", client.call(request("GET", "/users/42")), 200, {"id": "42", "name": "User 42"}, json_type)
        check("query", client.call(request("GET", "/search?q=rust&limit=10")), 200, {"q": "rust", "limit": 10}, json_type)
        check("post", client.call(request("POST", "/users", NEW_USER)), 201, {"id": 1, **ADA}, json_type)
        check("list", client.call(request("GET", "/users?n=100")), 200, USERS, json_type)
        client.socket.sendall(request("GET", "/plaintext") * 16)
        for _ in range(16):
            check("pipelined", client.answer(), 200, b"Hello, World!")
        length = 300_000
        if "upload" not in lacks:
            check("upload", client.call(request("POST", "/upload", b"x" * length)), 200, str(length).encode())
        if "download" not in lacks:
            check("download", client.call(request("GET", f"/download?bytes={length}")), 200, b"x" * length)
        check("after a download", client.call(request("GET", "/plaintext")), 200, b"Hello, World!")
        if "echo" not in lacks:
            echoed = client.call(chunked("/echo", 64 * 1024, 4096))
            check("echo", echoed, 200, b"x" * 64 * 1024)
            # actix-web closes behind an answer that began before the request had ended, and says so.
            if echoed[1].get("connection") != "close":
                check("after an echo", client.call(request("GET", "/plaintext")), 200, b"Hello, World!")
    others = {
        "a decoded query": (request("GET", "/search?q=a%20b&limit=-3"), 200, {"q": "a b", "limit": -3}),
        "a limit that is no number": (request("GET", "/search?q=x&limit=ten"), 400, None),
        "three users": (request("GET", "/users?n=3"), 200, USERS[:3]),
        "no JSON": (request("POST", "/users", b'{"email":'), 400, None),
        "a wrong type": (request("POST", "/users", b'{"email":"a","name":"b","age":"x"}'), 400, None),
        "a missing field": (request("POST", "/users", b'{"email":"a","name":"b"}'), 400, None),
        "no route": (request("GET", "/nothing"), 404, None),
    }
    for what, (raw, status, body) in ({} if believes else others).items():
        with Client(port) as client:
            check(what, client.call(raw), status, body)
    return wrong
