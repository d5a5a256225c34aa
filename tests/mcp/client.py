"""The official client against `examples/mcp`: lists and calls the tools, and sees its session end with the server.

    python tests/mcp/client.py PROGRAM

It needs the package `mcp`; `.ci/long mcp` installs it.
"""
import contextlib
import signal
import subprocess
import sys
import time

import anyio
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def tools(session):
    listed = {tool.name: tool for tool in (await session.list_tools()).tools}
    assert sorted(listed) == ["add_note", "remove_note", "search_notes", "show_note"], sorted(listed)
    add = listed["add_note"]
    assert add.description == "Keeps a note.\n\nIts number is in the answer.", add.description
    assert add.inputSchema["required"] == ["body"], add.inputSchema
    assert listed["search_notes"].annotations.readOnlyHint and listed["remove_note"].annotations.destructiveHint
    assert listed["show_note"].inputSchema["properties"]["id"]["type"] == "integer"


async def calls(session):
    for n, text in enumerate(["buy tea", "call Ada", "drink tea"], start=1):
        added = await session.call_tool("add_note", {"body": {"text": text}})
        assert not added.isError and added.structuredContent == {"id": n, "text": text}, added
    found = await session.call_tool("search_notes", {"part": "tea", "limit": 1})
    assert found.structuredContent == {"result": [{"id": 1, "text": "buy tea"}]}, found
    shown = await session.call_tool("show_note", {"id": 2})
    assert shown.structuredContent == {"id": 2, "text": "call Ada"}, shown


async def errors(session):
    wrong = await session.call_tool("add_note", {"body": {"text": ""}})
    assert wrong.isError and "body/text must NOT have fewer than 1 characters" in wrong.content[0].text, wrong
    wrong = await session.call_tool("search_notes", {"limit": 1000})
    assert wrong.isError and wrong.structuredContent["code"] == "FW_ERR_VALIDATION", wrong
    wrong = await session.call_tool("show_note", {"id": "two"})
    assert wrong.isError and wrong.structuredContent["statusCode"] in (400, 404), wrong
    missing = await session.call_tool("show_note", {"id": 9})
    assert missing.isError and missing.structuredContent["statusCode"] == 404, missing
    closed = await session.call_tool("remove_note", {"id": 1})
    assert closed.isError and closed.structuredContent["statusCode"] == 401, closed


@contextlib.asynccontextmanager
async def session_of(url, headers=None):
    async with streamablehttp_client(url, headers=headers) as (reading, writing, session_id):
        async with ClientSession(reading, writing) as session:
            info = await session.initialize()
            assert info.serverInfo.name == "notes", info
            assert session_id(), "there is a session"
            yield session


async def ends(session, server):
    """Its stream is open, and is no reason for the server to stay."""
    asked = time.monotonic()
    server.send_signal(signal.SIGTERM)
    while server.poll() is None:
        assert time.monotonic() - asked < 20, "the server waits for the session"
        await anyio.sleep(0.05)
    assert server.returncode == 0, server.returncode


async def main(program):
    server = subprocess.Popen([program, "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip() + "/mcp"
        async with session_of(url, {"authorization": "Bearer secret"}) as session:
            await calls(session)
            removed = await session.call_tool("remove_note", {"id": 3})
            assert not removed.isError, removed
        has_ended = goes_on = False
        try:
            async with session_of(url) as session:
                await tools(session)
                await errors(session)
                await ends(session, server)
                has_ended = True
                with anyio.fail_after(10):
                    await session.send_ping()
                goes_on = True
        except Exception as error:
            # What the client tells of a session that is over; of one that is not, it is what went wrong.
            if not has_ended:
                raise
            print(f"the session is over: {type(error).__name__}")
        assert not goes_on, "the session goes on without a server"
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    anyio.run(main, sys.argv[1])
    print("the official client: ok")
