"""The gate: whatever could get at the page from elsewhere, tried on a real socket or as a server would tell of it."""

import json
from collections.abc import Iterator, Mapping

import anyio
import pytest
from starlette.types import Message, Scope
from tests.support import raw_http
from tests.support.connected import announce
from tests.support.page import Browser, served
from tests.support.web_stage import opened

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.web import WebApp, create_app
from signedin_adapters.web.gate import HEADERS, Gate

PATHS = ("/", "/static/page.css", "/session", "/state", "/events", "/models", "/nothing-here")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, started_sandbox: Sandbox) -> Iterator[WebApp]:
    """One for all: the gate keeps nothing."""
    home = str(tmp_path_factory.mktemp("home"))
    announce(started_sandbox, home)
    with opened(home) as connection:
        yield create_app(connection, home=home, store="file")


@pytest.fixture(scope="module")
def port(page: WebApp) -> Iterator[int]:
    """Where it is served."""
    with served(page) as port:
        yield port


def sent(port: int, **headers: str) -> str:
    """The headers of a change that the page itself would send; None leaves one out."""
    own = {
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/json",
        "Sec-Fetch-Site": "same-origin",
        "Content-Length": "2",
        "Connection": "close",
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in (own | named).items() if value != "absent")


async def change(port: int, path: str = "/session", *, method: str = "POST", **headers: str) -> raw_http.Reply:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{sent(port, **headers)}\r\n"
    return await raw_http.send(port, head.encode() + b"{}")


@pytest.mark.parametrize("host", ["evil.example:{port}", "evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]", ""])
async def test_a_foreign_host_gets_nothing(port: int, host: str) -> None:
    """A name that is made to lead here, DNS rebinding: on a plain GET too, which carries no Origin."""
    for path in PATHS:
        reply = await raw_http.ask(port, path, host=host.format(port=port), extra="Connection: close\r\n")
        assert reply.status == 421
        assert "127.0.0.1" in reply.body
        assert "<html" not in reply.body


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}"])
async def test_the_machines_own_names_are_served(port: int, host: str) -> None:
    """Whichever of them stands in the address."""
    reply = await raw_http.ask(port, "/", host=host.format(port=port), extra="Connection: close\r\n")
    assert reply.status == 200


@pytest.mark.parametrize("origin", ["null", "absent", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"])
async def test_a_change_from_another_origin_is_refused(port: int, origin: str) -> None:
    """Also without any, and from another port of this machine."""
    reply = await change(port, Origin=origin)
    assert reply.status == 403
    assert "Reload the page" in json.loads(reply.body)["error"]["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "absent"])
async def test_a_change_that_a_form_could_send_is_refused(port: int, kind: str) -> None:
    """JSON alone: a form of another site cannot send that."""
    assert (await change(port, Content_Type=kind)).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_change_that_another_site_causes_is_refused(port: int, site: str) -> None:
    """Whatever else it says."""
    assert (await change(port, Sec_Fetch_Site=site)).status == 403


async def test_a_change_of_the_pages_own_comes_through(port: int) -> None:
    """To the endpoint, which finds no secret in it."""
    reply = await change(port)
    assert reply.status == 400
    assert "secret" in reply.body


async def test_a_preflight_is_granted_nothing(port: int) -> None:
    """No CORS header, whatever is asked for; a private network's preflight among them."""
    asked = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Private-Network": "true",
        "Connection": "close",
    }
    extra = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
    for path in PATHS:
        reply = await raw_http.ask(port, path, method="OPTIONS", extra=extra)
        assert reply.status == 405
        assert not any(name.startswith("access-control") for name in reply.headers)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
async def test_other_methods_are_refused(port: int, method: str) -> None:
    """GET, HEAD and POST alone."""
    assert (await change(port, "/state", method=method)).status == 405


async def test_a_page_elsewhere_cannot_read_or_embed(port: int) -> None:
    """What it fetches, or draws in a frame or an image, is refused."""
    for mode, kind in (("cors", "empty"), ("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe")):
        extra = (
            f"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {kind}\r\nConnection: close\r\n"
        )
        reply = await raw_http.ask(port, "/", extra=extra)
        assert reply.status == 403
        assert reply.headers["content-type"].startswith("application/json" if kind == "empty" else "text/plain")


async def test_a_link_from_elsewhere_leads_to_the_page(port: int) -> None:
    """It is no more than opening it, and the door is behind."""
    extra = (
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nConnection: close\r\n"
    )
    assert (await raw_http.ask(port, "/", extra=extra)).status == 200


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_keeps_to_itself(browser: Browser, path: str) -> None:
    """No framing, no reading from elsewhere, no guessing of kinds, no address told to others, nothing kept."""
    if path == "/events":
        with browser.http.stream("GET", browser.url + path) as answer:
            headers: Mapping[str, str] = answer.headers
    else:
        headers = browser.get(path).headers
    for name, value in HEADERS:
        assert headers[name] == value
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")
    assert not any(name.startswith("access-control") for name in headers)


def test_the_policy_is_exactly_this(browser: Browser) -> None:
    """No inline script or style, no other host, no frame, no form, no base."""
    assert browser.get("/").headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert browser.get("/").headers["x-frame-options"] == "DENY"
    assert browser.get("/").headers["cross-origin-opener-policy"] == "same-origin-allow-popups"


def scope(**changed: object) -> Scope:
    """A request as a server would tell of it."""
    return {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [(b"host", b"127.0.0.1:8000")],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        **changed,
    }


def asked(page: WebApp, told: Scope) -> list[Message]:
    """What is sent in answer."""
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        answers.append(message)

    anyio.run(page, told, receive, send)
    return answers


@pytest.mark.parametrize(
    "changed",
    [
        {"server": ("192.0.2.7", 8000)},
        {"server": ("0.0.0.0", 8000)},
        {"server": ("/run/page.sock", None)},
        {"server": None},
        {"client": ("192.0.2.8", 50000)},
        {"client": ("acme.example", 50000)},
        {"client": None},
    ],
    ids=str,
)
def test_another_machine_is_refused(page: WebApp, changed: dict[str, object]) -> None:
    """Whatever the server is bound to, and whatever the Host says."""
    start, body = asked(page, scope(**changed))
    assert start["status"] == 403
    assert b"machine that it runs on" in body["body"]


def test_both_of_loopbacks_addresses_are_served(page: WebApp) -> None:
    """IPv6 as well."""
    told = scope(server=("::1", 8000), client=("::1", 50000), headers=[(b"host", b"[::1]:8000")])
    assert asked(page, told)[0]["status"] == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"host", b"evil.example"),
        (b"origin", b"http://evil.example"),
        (b"content-type", b"text/plain"),
        (b"sec-fetch-site", b"cross-site"),
        (b"sec-fetch-mode", b"navigate"),
        (b"sec-fetch-dest", b"document"),
    ],
)
def test_a_header_that_comes_twice_is_refused(page: WebApp, name: bytes, value: bytes) -> None:
    """Whichever of the two is read here, something before this server may have read the other."""
    own = {
        b"host": b"127.0.0.1:8000",
        b"origin": b"http://127.0.0.1:8000",
        b"content-type": b"application/json",
        b"sec-fetch-site": b"same-origin",
        b"sec-fetch-mode": b"cors",
        b"sec-fetch-dest": b"empty",
    }
    start, body = asked(page, scope(method="POST", headers=[*own.items(), (name, value)]))
    assert start["status"] == 400
    assert "twice" in json.loads(body["body"])["error"]["message"]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_another_origin_reads_nothing(browser: Browser, path: str) -> None:
    """A browser too old to say which site asks still says the origin of what is fetched across two."""
    for origin in ("null", "http://127.0.0.1:1", "http://evil.example"):
        assert browser.get(path, origin=origin).status_code == 403


def test_of_http_s_own_port_browsers_say_nothing(page: WebApp) -> None:
    """On port 80 alone, the name alone is right."""
    for host in (b"127.0.0.1", b"[::1]", b"localhost", b"localhost:80"):
        assert asked(page, scope(server=("127.0.0.1", 80), headers=[(b"host", host)]))[0]["status"] == 200
    assert asked(page, scope(server=("127.0.0.1", 80), headers=[(b"host", b"evil.example")]))[0]["status"] == 421


def test_a_websocket_is_refused(page: WebApp) -> None:
    """At the handshake: there is none to be had here."""
    assert asked(page, scope(type="websocket")) == [{"type": "websocket.close", "code": 1008}]


def test_the_gate_wants_no_lifespan(page: WebApp) -> None:
    """A server that offers one goes on without."""
    assert isinstance(page._app, Gate)
    assert asked(page, {"type": "lifespan"}) == []
