"""`signedin doctor --online` from the user's end: each of the provider's hosts, and what stands before it."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.command import Run
from tests.support.examined import checks, results

from signedin.testing.certificates import certificate
from signedin.testing.free_ports import free_ports
from signedin.testing.network_settings import forget_network_settings
from signedin.testing.raw_server import replying, serving
from signedin_adapters.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)


def test_a_clock_that_is_wrong_shows_at_the_servers(
    run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By how much, and which way."""
    before = time.time() - 3 * 3600
    monkeypatch.setattr(signed_in, "clock", lambda: before)
    ran = run("doctor", "--online", "--json")

    assert (ran.code, results(ran)) == (0, {"clock.skew": "warning"})
    assert checks(ran)["clock.skew"]["finding"] == "This machine's clock is 3 h ahead of 127.0.0.1's."


def test_a_name_that_nobody_knows(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 5; what follows from it is skipped."""
    _resolve(monkeypatch, lambda host: host != "id.example")
    (home / "config.toml").write_text('[providers.far]\nissuer = "https://id.example"\nclient_id = "far"\n')
    ran = run("doctor", "--online", "--provider", "far", "--json", "net.auth_host")

    assert ran.code == 5
    assert checks(ran)["net.dns"]["finding"] == "The name id.example cannot be resolved."
    assert results(ran) == {"net.dns": "fail", "net.tls": "skipped", "net.auth_host": "skipped"}


def test_a_proxys_name_that_nobody_knows(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the proxy's, and neither it nor what else stands in its address is shown."""
    _resolve(monkeypatch, lambda host: host != "proxy.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:hunter2@proxy.example:3128")
    (home / "config.toml").write_text('[providers.far]\nissuer = "https://id.example"\nclient_id = "far"\n')
    ran = run("doctor", "--online", "--provider", "far", "--json", "net.auth_host")

    assert ran.code == 5
    assert checks(ran)["net.dns"]["finding"] == "The name of the proxy cannot be resolved."
    assert "proxy.example" not in ran.out


def _resolve(monkeypatch: pytest.MonkeyPatch, knows: Callable[[str], bool]) -> None:
    real = socket.getaddrinfo

    def resolve(host: Any, *arguments: Any, **more: Any) -> Any:
        if not knows(host):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return real(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_certificate_that_is_not_trusted(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a company's proxy shows one: exit 5, until the file is named that vouches for it."""
    tls, trusted = certificate(tmp_path)
    with serving(replying(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), tls=tls) as server:
        (home / "config.toml").write_text(
            f'[providers.sealed]\nissuer = "https://127.0.0.1:{server.port}"\nclient_id = "sealed"\n'
        )
        sealed = ("doctor", "--online", "--provider", "sealed", "--json", "net.auth_host")
        ran = run(*sealed)
        assert (ran.code, results(ran)) == (5, {"net.tls": "fail", "net.auth_host": "skipped"})
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        ran = run(*sealed)
        assert (ran.code, results(ran)) == (0, {})


def test_a_host_that_is_not_there(run: Run, signed_in: Sandbox, home: Path) -> None:
    """Each host has its own answer: exit 5 for the one that fails."""
    (port,) = free_ports(1)
    (home / "config.toml").write_text(
        f'[providers.half]\nissuer = "{signed_in.issuer}"\nclient_id = "half"\napi_base = "http://127.0.0.1:{port}/v1"\n'
    )
    ran = run("doctor", "--online", "--provider", "half", "--json", "net.auth_host", "net.api_host")

    assert (ran.code, results(ran)) == (5, {"net.api_host": "fail"})


@pytest.mark.parametrize(
    ("answer", "result", "said"),
    [
        (b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n", "fail", "an error of its own (503)"),
        (b"HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n", "fail", "an error of its own (408)"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://hotel.example/\r\nContent-Length: 0\r\n\r\n", "warning", "elsewhere"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", "warning", "A page answers"),
        (b"HTTP/1.1 403 No\r\ncf-mitigated: challenge\r\nContent-Length: 0\r\n\r\n", "fail", "A bot check"),
    ],
)
def test_what_answers_in_a_hosts_place(run: Run, home: Path, answer: bytes, result: str, said: str) -> None:
    """An outage, a hotel's page, a guard."""
    with serving(replying(answer)) as server:
        (home / "config.toml").write_text(f'[providers.odd]\nissuer = "{server.url}"\nclient_id = "odd"\n')
        ran = run("doctor", "--online", "--provider", "odd", "--json", "net.auth_host")
    assert checks(ran)["net.auth_host"]["result"] == result
    assert said in checks(ran)["net.auth_host"]["finding"]
