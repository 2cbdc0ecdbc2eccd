"""The page in another application: under a path, under a root path, without lifespan, and with `uvicorn --reload`."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send
from tests.support.page import Browser, served, wait_until
from uvicorn.lifespan.on import LifespanOn

from signedin import Connection
from signedin_adapters.web import WebApp, create_app

PROGRAM = """
import anyio
from concurrent.futures import ThreadPoolExecutor
from starlette.applications import Starlette
from starlette.routing import Mount
from signedin import Connection
from signedin_adapters.web import create_app

async def opened():
    return await Connection.open(app_name="Acme Notes", provider="sandbox", store="file")

page = create_app(ThreadPoolExecutor().submit(anyio.run, opened).result())  # uvicorn imports in its running loop
print(page.address("x"), flush=True)
app = Starlette(routes=[Mount("/account", page)])
"""


@pytest.fixture
def mounted(page: WebApp) -> Iterator[Browser]:
    """A browser at a page that is mounted in an app which has more to show."""
    app = Starlette(routes=[Mount("/settings", routes=[Mount("/account", page)]), Route("/state", lambda _: None)])
    with served(app) as port, Browser(f"http://127.0.0.1:{port}/settings/account") as browser:
        yield browser


def test_under_a_path(mounted: Browser, page: WebApp) -> None:
    """With a cookie that goes no further, and an address that leads there."""
    assert page.address(mounted.url + "/").startswith(f"{mounted.url}/#")
    mounted.come_in(page)
    (cookie,) = mounted.http.cookies.jar
    assert cookie.path == "/settings/account"
    assert mounted.state()["state"] == "disconnected"
    assert mounted.get("/static/page.css").status_code == 200
    with mounted.events() as events:
        assert next(events).name == "reset"
    assert mounted.does("/sign-in/cancel") == {}


def test_without_its_slash_it_is_found(mounted: Browser) -> None:
    """The page's own addresses are relative to it."""
    answer = httpx.get(mounted.url, trust_env=False, follow_redirects=True)
    assert answer.url == f"{mounted.url}/"
    assert "Acme Notes" in answer.text


def test_under_a_root_path(page: WebApp) -> None:
    """As a server tells of a proxy before it: the path has the root path in it (ASGI 3)."""

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await page({**scope, "root_path": "/proxied"}, receive, send)

    with served(behind) as port, Browser(f"http://127.0.0.1:{port}/proxied") as browser:
        browser.come_in(page)
        (cookie,) = browser.http.cookies.jar
        assert cookie.path == "/proxied"
        assert browser.state()["app"] == "Acme Notes"


def test_one_below_another(page: WebApp, connection: Connection) -> None:
    """Both cookies have the same name, and each page finds its own."""
    below = create_app(connection)
    app = Starlette(routes=[Mount("/below", below), Mount("/", page)])
    with served(app) as port, Browser(f"http://127.0.0.1:{port}") as browser:
        browser.come_in(page)
        with Browser(f"{browser.url}/below") as other:
            other.http.cookies = browser.http.cookies
            other.come_in(below)
            assert len(other.http.cookies.jar) == 2
            assert other.state()["app"] == browser.state()["app"] == "Acme Notes"


async def test_it_is_closed_while_the_host_goes_on(connection: Connection, page: WebApp) -> None:
    """What the page opened ends; the connection is the host's."""
    desk = page._desk
    desk.begin_to_follow()
    attempt = await desk.sign_in(device=False, consent=False, provider="sandbox-native", new=False, label=None)
    await page.aclose()
    assert desk.attempt is None
    assert not desk.feed.follows
    with pytest.raises(OSError):
        await anyio.connect_tcp("127.0.0.1", urlsplit(attempt.short_url or "").port or 0)
    assert connection.state.value == "disconnected"


def test_a_server_that_offers_a_lifespan_goes_on_without(page: WebApp) -> None:
    """Where the page is all that it serves."""

    async def started() -> list[bool]:
        lifespan = LifespanOn(uvicorn.Config(page, log_config=None))
        await lifespan.startup()
        await lifespan.shutdown()
        return [lifespan.startup_failed, lifespan.shutdown_failed]

    assert anyio.run(started) == [False, False]


def test_a_server_that_reloads_is_not_held_up_by_a_stream(home: str, tmp_path: Path) -> None:
    """An open page goes on with the new server, and Ctrl-C ends that one at once as well."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "uvicorn", "program:app", "--port", "0", "--reload", "--reload-dir", str(tmp_path)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            port = found(r"running on http://127.0.0.1:(\d+)", process.stderr)
            with entered(port, process.stdout) as old, old.events() as events:
                stream = next(events).id
                program.write_text(f"{PROGRAM}\n")
                assert list(events) == []
            with entered(port, process.stdout) as new, new.events(stream) as events:
                assert next(events).name == "reset"
                process.send_signal(signal.SIGINT)
                assert list(events) == []
            assert process.wait(10) == 0
        finally:
            process.kill()


def entered(port: str, stdout: IO[str]) -> Browser:
    """A browser that was let in by the address that the program has told."""
    browser, address = Browser(f"http://127.0.0.1:{port}/account"), found(r"(\S+#\S+)", stdout)

    def listens() -> bool:
        try:
            return browser.http.get(browser.url).status_code == 307
        except httpx.TransportError:
            return False

    wait_until(listens)
    return browser.trade(address)


def found(pattern: str, lines: IO[str]) -> str:
    """What the pattern's group matches, in the first line that has it."""
    for line in lines:
        if match := re.search(pattern, line):
            return match[1]
    raise AssertionError(f"{pattern} was never said")
