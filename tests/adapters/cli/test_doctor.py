"""`signedin doctor` from the user's end: what it says of a machine that is well, and of each that is not."""

import fcntl
import os
import socket
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import keyring.errors
import pytest
from tests.support.command import Run
from tests.support.command_line import sign_in
from tests.support.desktop import Desktop
from tests.support.examined import checks, results
from tests.support.fake_keyring import FakeKeyring
from tests.support.lock_holder import TAKES_A_LOCK, holding

from signedin.testing.network_settings import forget_network_settings
from signedin.testing.raw_server import replying, serving
from signedin_adapters.sandbox import FaultSpec, Sandbox
from signedin_adapters.stores import patience


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def in_keyring(acme: str, sandbox: Sandbox, home: Path, pretended_keyring: type[FakeKeyring]) -> type[FakeKeyring]:
    """Ada signed in, with her key in a keyring."""
    sign_in(sandbox, home, provider=acme)
    return pretended_keyring


def everything(home: Path) -> dict[str, tuple[int, bytes]]:
    """All files of the home: mode and content."""
    return {str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"") for path in home.rglob("*")}


# A machine that is well.


def test_all_is_well(run: Run, signed_in: Sandbox, home: Path) -> None:
    """It says so in one line, and what it did not test; nobody was asked and nothing is different."""
    before = everything(home)
    signed_in.requests.clear()
    ran = run("doctor")

    assert (ran.code, ran.err) == (0, "")
    assert "All is well.\n" in ran.out
    assert "Signed in at sandbox." in ran.out
    assert "Access valid until" in ran.out
    assert "Refresh token: present since" in ran.out
    assert "not tested" in ran.out
    assert not signed_in.requests
    assert everything(home) == before


def test_the_object_is_fixed(run: Run, signed_in: Sandbox) -> None:
    """With the same exit code, on stdout alone."""
    ran = run("doctor", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.json().keys() == {"schema", "ok", "checks"}
    assert ran.json()["ok"] is True
    assert all(check.keys() == {"id", "result", "finding", "action"} for check in ran.json()["checks"])


def test_marks_are_words_for_screen_readers(run: Run, signed_in: Sandbox) -> None:
    """And nothing is coloured where no terminal is."""
    assert "ok       state.current" in run("doctor", "--plain").out
    assert "✓ state.current" in run("doctor").out
    assert "\x1b" not in run("doctor").out


def test_the_hosts_are_asked_on_request_alone_and_without_a_token(run: Run, signed_in: Sandbox) -> None:
    """Each apart; the API refuses, as it must."""
    signed_in.requests.clear()
    ran = run("doctor", "--online", "--json")

    found = checks(ran)
    assert ran.code == 0
    assert found["net.auth_host"]["finding"] == "127.0.0.1 answers (200)."
    assert found["net.api_host"]["finding"] == "127.0.0.1 answers (401, as it must without a token)."
    assert "agrees" in found["clock.skew"]["finding"]
    assert not [request for request in signed_in.requests if "token" in request.path]


def test_a_choice_of_checks_comes_with_what_it_builds_on(run: Run, signed_in: Sandbox) -> None:
    """And with nothing else."""
    assert set(checks(run("doctor", "store.schema", "--json"))) == {"store.home", "store.permissions", "store.schema"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("store.backed",), "Did you mean store.backend?"),
        (("net.dns",), "net.dns contacts the provider: add --online."),
    ],
)
def test_a_check_that_cannot_be_run_is_named(run: Run, home: Path, arguments: tuple[str, ...], said: str) -> None:
    """Exit 2."""
    ran = run("doctor", *arguments)
    assert ran.code == 2
    assert said in ran.err


# The session.


def test_nobody_is_signed_in(run: Run, sandbox: Sandbox, home: Path) -> None:
    """Exit 3 as in `status`, with the command to run; no directory is made by looking."""
    ran = run("doctor", "--provider", "sandbox", "--json")

    assert ran.code == 3
    assert checks(ran)["state.current"]["action"] == "Run signedin login --provider sandbox."
    assert not (home / "apps").exists()


def test_a_session_that_is_over(run: Run, signed_in: Sandbox) -> None:
    """Exit 4, and the reason; whether the log says so too is another check."""
    signed_in.faults.add(FaultSpec.parse("token-reused"))
    signed_in.expire_access_tokens()
    assert run("models").code == 4
    ran = run("doctor", "--json")

    assert ran.code == run("status").code == 4
    assert results(ran) == {"state.current": "fail", "history.last_failure": "warning"}
    assert "“" in checks(ran)["history.last_failure"]["finding"]


def test_access_that_ran_out_is_no_trouble(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next use renews it, and looking does not."""
    later = time.time() + 7200
    monkeypatch.setattr(time, "time", lambda: later)
    ran = run("doctor", "--json")

    assert ran.code == 0
    assert "the next use renews it" in checks(ran)["credential.access_expiry"]["finding"]


def test_a_key_that_is_gone(run: Run, in_keyring: type[FakeKeyring], acme: str) -> None:
    """The keyring is well, and no longer has it: only signing in again helps."""
    in_keyring.entries.clear()
    ran = run("doctor", "--provider", acme, "--json")

    assert ran.code == 4
    assert results(ran) == {"credential.present": "fail"}


# What holds it.


def test_the_keyring_is_tried_with_an_entry_of_its_own(run: Run, in_keyring: type[FakeKeyring], acme: str) -> None:
    """Which is gone afterwards."""
    before = dict(in_keyring.entries)
    ran = run("doctor", "--provider", acme, "--json")

    assert (ran.code, in_keyring.entries) == (0, before)
    assert "unlocked" in checks(ran)["store.backend"]["finding"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (keyring.errors.NoKeyringError(), "No OS keyring answers here"),
        (keyring.errors.KeyringLocked(), "is locked"),
        (keyring.errors.PasswordSetError(), "refused to hand out or keep"),
    ],
)
def test_a_keyring_that_does_not_serve(
    run: Run, in_keyring: type[FakeKeyring], acme: str, error: Exception, said: str
) -> None:
    """Exit 6; that the session's key cannot be looked at is told as what follows from it."""

    def fail() -> None:
        raise error

    in_keyring.before = staticmethod(fail)
    ran = run("doctor", "--provider", acme, "--json")

    assert ran.code == 6
    assert results(ran) == {"store.backend": "fail", "credential.present": "skipped"}
    assert said in checks(ran)["store.backend"]["finding"]
    assert checks(ran)["credential.present"]["finding"] == "Not looked at: see store.backend."


def test_a_keyring_that_keeps_nothing(run: Run, in_keyring: type[FakeKeyring], acme: str) -> None:
    """It is found by reading back."""
    in_keyring.keeps = False
    ran = run("doctor", "--provider", acme, "--json")

    assert ran.code == 6
    assert checks(ran)["store.backend"]["finding"] == "The keyring took a key and did not keep it."


def test_a_keyring_that_never_answers_is_given_up(
    run: Run, in_keyring: type[FakeKeyring], acme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within seconds, and as what it is."""
    monkeypatch.setattr(patience, "BACKGROUND_SECONDS", 0.1)
    in_keyring.hang()
    ran = run("doctor", "--provider", acme, "--json")

    assert ran.code == 6
    assert "did not answer in time" in checks(ran)["store.backend"]["finding"]


@pytest.mark.linux
def test_a_locked_keyring_is_not_asked_to_open(start: Run, acme: str, desktop: Desktop) -> None:
    """A question would stay without an answer here; it says at once that the keyring is locked."""
    assert start("login", "--provider", acme).code == 0
    before = desktop.entries("signedin:signedin")
    assert start("doctor", "--provider", acme, "store.backend", "credential.present").code == 0
    assert (desktop.entries("signedin:signedin"), desktop.entries("signedin:signedin:doctor")) == (before, {})
    desktop.lock()
    ran = start("doctor", "--provider", acme, "--json")
    assert ran.code == 6
    assert "is locked" in checks(ran)["store.backend"]["finding"]


def test_files_that_others_may_read(run: Run, signed_in: Sandbox, home: Path) -> None:
    """A warning, with the command that mends it; nothing is mended by looking."""
    (session,) = home.glob("apps/*/accounts/*/session")
    session.chmod(0o644)
    ran = run("doctor", "--json")

    assert (ran.code, results(ran)) == (0, {"store.permissions": "warning"})
    assert "chmod 600" in checks(ran)["store.permissions"]["finding"]
    assert session.stat().st_mode & 0o777 == 0o644


def test_a_directory_that_others_may_write_to(run: Run, signed_in: Sandbox, home: Path) -> None:
    """Exit 6; what lies in it was not looked at."""
    (home / "apps" / "signedin" / "accounts").chmod(0o777)
    ran = run("doctor", "--json")

    assert ran.code == 6
    assert results(ran)["store.permissions"] == "fail"
    assert results(ran)["state.current"] == "skipped"


def test_a_file_of_a_newer_version(run: Run, signed_in: Sandbox, home: Path) -> None:
    """Exit 6 and the case's own remedy."""
    (record,) = home.glob("apps/*/accounts/*/account.json")
    record.write_text('{"schema": 99}')
    ran = run("doctor", "--json")

    assert ran.code == 6
    assert checks(ran)["store.schema"]["action"] == "Update this tool."


def test_a_store_that_the_settings_do_not_look_at(
    run: Run, in_keyring: type[FakeKeyring], acme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGNEDIN_STORE says another place than the key's."""
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    ran = run("doctor", "--provider", acme, "--json")

    assert ran.code == 6
    assert "SIGNEDIN_STORE says file" in checks(ran)["store.backend"]["finding"]


@pytest.mark.linux
def test_who_holds_the_account_is_named(run: Run, signed_in: Sandbox, home: Path) -> None:
    """The process that a refresh waits for, by its name and number."""
    (account,) = home.glob("apps/*/accounts/*")
    lock = account / "lock"
    lock.touch(0o600)
    with holding(TAKES_A_LOCK, str(lock)) as process:
        ran = run("doctor", "lock.owner", "--json")
    assert ran.code == 0
    assert f"(process {process.pid})" in checks(ran)["lock.owner"]["finding"]


def test_a_sign_in_elsewhere_is_named(run: Run, signed_in: Sandbox, home: Path) -> None:
    """And nobody takes its port away to try it."""
    (account,) = home.glob("apps/*/accounts/*")
    with (account / "sign-in.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ran = run("doctor", "--json")
    assert "Another sign-in is running" in checks(ran)["lock.owner"]["finding"]
    assert checks(ran)["loopback.bind"]["finding"] == "A sign-in is waiting there now, and is not disturbed."


# What surrounds it.


def test_a_mistake_in_the_configuration(run: Run, signed_in: Sandbox, home: Path) -> None:
    """Exit 7, with file and line; what needs no configuration is looked at all the same."""
    (home / "config.toml").write_text("[network]\nprox = 1\n")
    ran = run("doctor", "--json")

    assert ran.code == 7
    assert "config.toml:2" in checks(ran)["config.file"]["finding"]
    assert checks(ran)["state.current"]["result"] == "skipped"
    assert checks(ran)["store.permissions"]["result"] == "ok"


def test_a_certificate_file_that_is_gone(
    run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit 7, naming the variable and the file."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    ran = run("doctor", "--json")

    assert (ran.code, results(ran)) == (7, {"env.ca": "fail"})
    assert "SSL_CERT_FILE names" in checks(ran)["env.ca"]["finding"]


def test_variables_are_named_and_never_shown(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's address may hold a password."""
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:hunter2@proxy.example:3128")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hunter2")
    ran = run("doctor", "--json")

    assert ran.code == 0
    assert checks(ran)["env.proxy"]["finding"] == "HTTPS_PROXY is set, and used."
    assert "OPENAI_API_KEY" in checks(ran)["credential.source_shadowing"]["finding"]
    assert "hunter2" not in ran.out
    monkeypatch.setenv("HTTPS_PROXY", "socks4://ada:hunter2@proxy.example:3128")
    ran = run("doctor", "--json")
    assert (ran.code, results(ran)) == (7, {"env.proxy": "fail", "env.ca": "skipped"})
    assert "hunter2" not in ran.out


def test_a_proxy_that_swallows_what_is_for_this_machine(
    run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One on this machine is tried with a real request; one elsewhere is only named."""
    with serving(replying(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        ran = run("doctor", "loopback.proxy", "--json")
    assert (ran.code, results(ran)) == (0, {"loopback.proxy": "warning"})
    assert "did not come back" in checks(ran)["loopback.proxy"]["finding"]

    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    assert "it was not asked" in checks(run("doctor", "--json"))["loopback.proxy"]["finding"]
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert checks(run("doctor", "--json"))["loopback.proxy"]["result"] == "ok"


def test_a_port_that_another_program_has(run: Run, codex: Sandbox) -> None:
    """The provider allows these alone: exit 7, with who has them."""
    with _listening(*codex.codex_ports):
        ran = run("doctor", "--provider", "sandbox-codex", "--json")
    assert ran.code == 7
    assert results(ran) == {"loopback.bind": "fail", "loopback.proxy": "skipped"}
    assert f"process {os.getpid()}" in checks(ran)["loopback.bind"]["finding"]


@contextmanager
def _listening(*ports: int) -> Generator[None]:
    """Somebody on these ports."""
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


@pytest.mark.parametrize(
    ("browser", "said"),
    [("", "Nothing here opens a browser."), ("lynx", "BROWSER names no program with a window")],
)
def test_no_browser(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch, browser: str, said: str) -> None:
    """A warning: there are other ways to sign in."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "WSL_INTEROP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BROWSER", browser)
    monkeypatch.setattr(sys, "platform", "linux")
    ran = run("doctor", "browser.opener", "--json")

    assert (ran.code, results(ran)) == (0, {"browser.opener": "warning"})
    assert said in checks(ran)["browser.opener"]["finding"]


def test_an_api_key_needs_neither_browser_nor_authorization_server(run: Run, home: Path) -> None:
    """What is no question is not asked."""
    found = checks(run("doctor", "--provider", "openai", "--json"))
    assert found["loopback.bind"]["result"] == found["browser.opener"]["result"] == "skipped"
