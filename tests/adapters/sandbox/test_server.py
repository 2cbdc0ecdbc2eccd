"""Running the sandbox: in a thread, in the foreground, and what every answer carries."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
from tests.adapters.sandbox.plain_app import PlainApp

from signedin_adapters.sandbox import RequestRecord, Sandbox, serve
from signedin_adapters.sandbox.scopes import FULL_SCOPE


def test_it_listens_on_loopback_alone(sandbox: Sandbox) -> None:
    """The issuer is the literal address, without a slash; the API lies under it."""
    assert sandbox.issuer == sandbox.url == f"http://127.0.0.1:{sandbox.port}"
    assert sandbox.api_base == f"{sandbox.issuer}/v1"


def test_its_settings_are_a_provider_profile(sandbox: Sandbox) -> None:
    """All that provider "sandbox" has to know."""
    settings = sandbox.settings()
    assert settings["issuer"] == sandbox.issuer
    assert settings["resource"] == settings["api_base"] == sandbox.api_base
    assert (settings["registration"], settings["scopes"]) == ("agent", FULL_SCOPE.split())


def test_it_has_no_address_before_it_runs() -> None:
    """Asking too early is an error that says what to do."""
    with pytest.raises(RuntimeError, match="running"):
        _ = Sandbox().issuer


def test_a_taken_port_is_an_error() -> None:
    """Unless a free one will do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError), Sandbox().running(port=port):
            pass
        with Sandbox().running(port=port, or_free_port=True) as sandbox:
            assert sandbox.port != port


def test_it_is_gone_afterwards(http: httpx.Client) -> None:
    """Nobody listens after the block, and the address can be taken again with the state kept."""
    sandbox = Sandbox()
    with sandbox.running():
        app = PlainApp(sandbox=sandbox, http=http).signed_in()
        port = sandbox.port
    with pytest.raises(httpx.ConnectError):
        app.refresh()
    with sandbox.running(port=port):
        assert app.refresh().status_code == 200


def test_it_stops_while_somebody_waits(http: httpx.Client) -> None:
    """An answer that never comes does not hold the stop: the connection ends."""
    with socket.socket() as waiting:
        with Sandbox().running() as sandbox:
            sandbox.faults.inject("token-slow-drip")
            request = httpx.Request("POST", sandbox.url + "/api/accounts/oauth/token", data={"grant_type": "x"})
            head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
            waiting.connect(("127.0.0.1", sandbox.port))
            waiting.sendall(f"POST {request.url.path} HTTP/1.1\r\n{head}\r\n".encode() + request.read())
            assert waiting.recv(12) == b"HTTP/1.1 200"
        with suppress(ConnectionResetError):
            while waiting.recv(4096):
                pass


def test_an_exception_in_the_block_stops_it_too() -> None:
    """And comes out unchanged."""
    sandbox = Sandbox()
    with pytest.raises(KeyError), sandbox.running():
        raise KeyError
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", sandbox.port), timeout=1)


def test_every_answer_has_an_id_a_date_and_no_store(app: PlainApp) -> None:
    """Pages, documents, refusals and unknown paths alike."""
    paths = ("/", "/.well-known/openid-configuration", "/nowhere", "/v1/models", "/api/accounts/authorize")
    answers = [app.http.get(app.sandbox.url + path) for path in paths]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(paths)
    assert all(answer.headers["cache-control"] == "no-store" for answer in answers)
    assert all(answer.headers["date"].endswith("GMT") for answer in answers)
    assert not any("access-control-allow-origin" in answer.headers for answer in answers)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:80"])
def test_a_foreign_host_name_is_not_served(sandbox: Sandbox, http: httpx.Client, host: str) -> None:
    """A page that rebinds its name to this machine learns nothing."""
    assert http.get(sandbox.url, headers={"host": host}).status_code == 421


def test_localhost_is_served(sandbox: Sandbox, http: httpx.Client) -> None:
    """People type it."""
    assert http.get(sandbox.url, headers={"host": f"localhost:{sandbox.port}"}).status_code == 200


def test_the_log_has_a_line_for_each_request(signed_in: PlainApp) -> None:
    """Method, path without query, status, and what happened."""
    signed_in.sandbox.requests.clear()
    signed_in.refresh()
    signed_in.models()
    lines = [str(record) for record in signed_in.sandbox.requests]
    assert lines == ["POST /api/accounts/oauth/token → 200 · refreshed", "GET /v1/models → 200"]
    assert signed_in.sandbox.requests[-1].path == "/v1/models"
    assert len(signed_in.sandbox.requests) == 2


def test_the_log_has_a_line_for_no_answer(signed_in: PlainApp) -> None:
    """A dropped connection is recorded without a status."""
    signed_in.sandbox.faults.inject("token-drop")
    recorded = Event()
    signed_in.sandbox.on_request = lambda record: recorded.set() if record.status is None else None
    try:
        with pytest.raises(httpx.RemoteProtocolError):
            signed_in.refresh()
        assert recorded.wait(5)
    finally:
        signed_in.sandbox.on_request = None
    assert str(signed_in.sandbox.requests[-1]).endswith("→ no answer · token-drop")


def test_the_log_holds_no_secret(app: PlainApp) -> None:
    """No code, token, state or verifier, whatever was asked."""
    app.signed_in()
    app.refresh()
    app.revoke()
    log = "\n".join(repr(record) for record in app.sandbox.requests)
    secrets = (app.state, app.nonce, app.code_verifier, app.tokens["refresh_token"], app.tokens["access_token"])
    assert not any(secret in log for secret in secrets)
    assert "code=" not in log


def test_each_request_can_be_watched(http: httpx.Client) -> None:
    """The callback gets the records as they come."""
    seen: list[RequestRecord] = []
    with Sandbox(on_request=seen.append).running() as sandbox:
        http.get(f"{sandbox.url}/.well-known/openid-configuration")
    assert [(record.method, record.status) for record in seen] == [("GET", 200)]


def test_discovery_says_what_the_server_can(sandbox: Sandbox, http: httpx.Client) -> None:
    """The provider's own paths, two grants, S256, RS256, public clients."""
    found = http.get(f"{sandbox.issuer}/.well-known/openid-configuration").json()
    assert found["issuer"] == sandbox.issuer
    assert found["authorization_endpoint"] == f"{sandbox.issuer}/api/accounts/authorize"
    assert found["token_endpoint"] == f"{sandbox.issuer}/api/accounts/oauth/token"
    assert found["revocation_endpoint"] == f"{sandbox.issuer}/api/accounts/oauth/revoke"
    assert found["jwks_uri"] == f"{sandbox.issuer}/.well-known/jwks.json"
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert found["token_endpoint_auth_methods_supported"] == ["none"]
    assert not {"device_authorization_endpoint", "registration_endpoint"} & set(found)


def test_the_key_set_is_public(sandbox: Sandbox, http: httpx.Client) -> None:
    """RS256 keys with an id, and no private part."""
    for key in http.get(f"{sandbox.issuer}/.well-known/jwks.json").json()["keys"]:
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
        assert set(key) == {"kty", "alg", "use", "kid", "n", "e"}


def test_serving_in_the_foreground_ends_when_told() -> None:
    """`serve` blocks, says when it listens, and ends on the event."""
    ready, stop = Event(), Event()
    sandbox = Sandbox()

    def listening(_: Sandbox) -> None:
        ready.set()

    thread = Thread(target=serve, args=(sandbox,), kwargs={"port": 0, "on_ready": listening, "stop": stop})
    thread.start()
    assert ready.wait(5)
    assert httpx.get(sandbox.url, trust_env=False).status_code == 200
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_ends_it_cleanly() -> None:
    """In a process of its own: exit 0, nothing on stderr."""
    program = (
        "from signedin_adapters.sandbox import Sandbox, serve\n"
        "serve(Sandbox(), port=0, on_ready=lambda sandbox: print(sandbox.url, flush=True))\n"
    )
    source = str(Path(__file__).parents[3] / "adapters")
    environment = os.environ | {"PYTHONPATH": source, "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_listing_faults_does_not_load_the_server() -> None:
    """The package is light until the server is named."""
    program = (
        "import sys; from signedin_adapters.sandbox import FAULTS\n"
        "print(sorted({'starlette', 'uvicorn', 'joserfc', 'httpx'} & set(sys.modules)))\n"
    )
    source = str(Path(__file__).parents[3] / "adapters")
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": source}, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
