"""Network and environment."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.command_line import sign_in
from tests.support.connected import announce
from tests.support.gate import HOST, SAYS_NO, WANTS_A_PASSWORD, Gate, gate_to, provider
from tests.support.lock_holder import TAKES_A_LOCK, holding
from tests.support.user import User

from signedin.testing.certificates import certificate
from signedin.testing.free_ports import free_ports
from signedin.testing.network_settings import forget_network_settings
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.parts import NATIVE


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)


@contextmanager
def office(user: User, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Gate]:
    """Signed in from an office, whose proxy is the only way to the provider's host."""
    with gate_to(user.sandbox, directory) as gate:
        monkeypatch.setenv("HTTPS_PROXY", gate.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(gate.certificate))
        _sign_in_through(user, f"https://{HOST}", monkeypatch)
        yield gate


@pytest.mark.case("offline")
def test_the_provider_is_not_there(user: User) -> None:
    """Nobody listens at its address; once it does again, all is as before."""
    away = Sandbox(auto_approve=True, earliest_refresh_at="absent")
    with away.running():
        announce(away, str(user.home))
        sign_in(away, user.home)
    user.types("refresh")
    user.was_told()
    user.stands("connected", names_case=True)
    user.logged()
    user.is_diagnosed()
    with away.running(port=away.port):
        user.keeps_the_session("refresh")


@pytest.mark.case("offline")
def test_nobody_can_sign_in_while_the_provider_is_not_there(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even known where the browser has to go."""
    away = Sandbox(auto_approve=True)
    with away.running():
        announce(away, str(user.home))
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", ())
    user.types("login", "--provider", "sandbox")
    user.was_told("Nobody was signed in by this")
    user.stands("disconnected", names_case=False)
    user.logged(by="call.failed")
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("dns-failure")
def test_the_providers_name_is_not_known(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a VPN that is off: here no name server knows it, and only the proxy leads there."""
    with office(user, tmp_path, monkeypatch) as gate:
        monkeypatch.delenv("HTTPS_PROXY")
        user.types("refresh")
        user.was_told()
        user.stands("connected", names_case=True)
        user.logged()
        user.is_diagnosed()
        monkeypatch.setenv("HTTPS_PROXY", gate.url)
        user.keeps_the_session("refresh")


@pytest.mark.case("proxy-not-used")
def test_the_provider_takes_no_connection(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever goes there without the proxy waits for nothing."""
    with gate_to(user.sandbox, tmp_path, host="127.0.0.1") as gate:
        monkeypatch.setenv("SSL_CERT_FILE", str(gate.certificate))
        _sign_in_through(user, f"https://127.0.0.1:{gate.port}", monkeypatch)
        with monkeypatch.context() as impatient:
            impatient.setattr("signedin_adapters.http.CONNECT_SECONDS", 0.1)
            answer, gate.answer = gate.answer, None
            user.types("refresh")
        user.was_told()
        user.stands("connected", names_case=True)
        user.logged()
        user.is_diagnosed()
        gate.answer = answer
        user.keeps_the_session("refresh")


@pytest.mark.case("proxy-not-used")
@pytest.mark.parametrize("proxy", ["says no", "is silent", "is gone"])
def test_the_proxy_leads_nowhere(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """It says no, says nothing, or is not where the setting has it."""
    with office(user, tmp_path, monkeypatch) as gate:
        answer = gate.answer
        with monkeypatch.context() as struck:
            struck.setattr("signedin.authorization_server.EXCHANGE_SECONDS", 0.3)
            if proxy == "is gone":
                struck.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_ports(1)[0]}")
            else:
                gate.answer = SAYS_NO if proxy == "says no" else None
            user.types("refresh")
        user.was_told()
        user.stands("connected", names_case=True)
        user.logged()
        user.is_diagnosed()
        gate.answer = answer
        user.keeps_the_session("refresh")


@pytest.mark.case("proxy-auth-required")
def test_the_proxy_wants_a_password(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers 407; the address that it was asked at is in no line of the log."""
    with office(user, tmp_path, monkeypatch) as gate:
        answer, gate.answer = gate.answer, WANTS_A_PASSWORD
        monkeypatch.setenv("HTTPS_PROXY", gate.url.replace("//", "//ada:wrong-secret@"))
        user.types("refresh")
        user.was_told()
        user.stands("connected", names_case=True)
        user.logged()
        user.is_diagnosed()
        assert "wrong-secret" not in str(user.log)
        gate.answer = answer
        user.keeps_the_session("refresh")


@pytest.mark.case("proxy-scheme-unsupported")
@pytest.mark.parametrize("setting", ["HTTPS_PROXY", "network.proxy"])
def test_a_proxy_that_nobody_here_can_speak_to(user: User, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """The setting is named, and nothing is sent."""
    user.signs_in()
    user.sandbox.requests.clear()
    with _set(user, setting, "ftp://proxy.example", monkeypatch):
        user.types("refresh")
        user.was_told(setting)
        assert not list(user.sandbox.requests)
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("tls-interception")
def test_the_proxy_opens_what_it_passes_on(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows a certificate of its own. Nothing is sent, until the company's certificates are named."""
    (tmp_path / "company").mkdir()
    theirs, trusted = certificate(tmp_path / "company", host=HOST)
    with office(user, tmp_path, monkeypatch) as gate, provider(user.sandbox, theirs) as gate.beyond:
        user.sandbox.requests.clear()
        user.types("refresh")
        user.was_told("SSL_CERT_FILE")
        assert not list(user.sandbox.requests)
        user.stands("connected", names_case=True)
        user.logged()
        user.is_diagnosed()
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        user.keeps_the_session("refresh")


@pytest.mark.case("ca-file-stale")
@pytest.mark.parametrize("setting", ["SSL_CERT_FILE", "network.ca_file"])
def test_a_file_of_certificates_that_is_gone(user: User, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """The setting is named, and nothing is sent."""
    user.signs_in()
    user.sandbox.requests.clear()
    with _set(user, setting, str(user.home / "gone.pem"), monkeypatch):
        user.types("refresh")
        user.was_told(setting)
        assert not list(user.sandbox.requests)
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("provider-outage")
@pytest.mark.parametrize("fault", ["token-503", "token-html", "token-500-after-commit"])
def test_the_provider_is_in_trouble(user: User, fault: str) -> None:
    """Whatever it says with a status of 500 and above, the session is kept; whoever asks again is told the same."""
    user.signs_in()
    with user.struck_by(fault):
        user.types("refresh")
    user.was_told()
    user.types("refresh")
    user.was_told()
    user.stands("connected", names_case=True)
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("provider-outage")
@pytest.mark.parametrize("fault", ["api-503", "api-html"])
def test_the_api_is_in_trouble(user: User, fault: str) -> None:
    """The connection stands, and the call that failed is logged with its case."""
    user.signs_in()
    with user.struck_by(fault):
        user.types("ask", "Hello")
    user.was_told()
    user.stands("connected")
    user.logged(by="call.failed")
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("provider-outage")
def test_the_provider_is_in_trouble_at_a_sign_in(user: User) -> None:
    """Nobody was signed in by it, and whoever was before still is."""
    user.signs_in()
    with user.struck_by("token-503"):
        user.types("login", "--again")
    user.was_told("Nobody was signed in by this")
    user.stands("connected")
    user.logged(by="CodeExchangeFailed")
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("ok-status-error-body")
@pytest.mark.parametrize("fault", ["token-200-error", "token-huge", "token-redirect-307"])
def test_an_answer_that_makes_no_sense(user: User, fault: str) -> None:
    """It says yes, or sends us elsewhere, and holds no session: nothing of it is stored."""
    user.signs_in()
    with user.struck_by(fault):
        user.types("refresh")
    user.was_told()
    user.stands("connected", names_case=True)
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("cloudflare-challenge")
def test_a_guard_answers_for_the_provider(user: User) -> None:
    """The token endpoint is not asked at all, so the same token is good for the next try."""
    user.signs_in()
    with user.struck_by("token-challenge"):
        user.types("refresh")
    user.was_told()
    user.stands("connected", names_case=True)
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session("refresh")


@pytest.mark.case("cloudflare-challenge")
def test_a_guard_answers_for_the_api(user: User) -> None:
    """The connection stands."""
    user.signs_in()
    with user.struck_by("api-challenge"):
        user.types("ask", "Hello")
    user.was_told()
    user.stands("connected")
    user.logged(by="call.failed")
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("request-timeout-ambiguous")
def test_an_answer_that_never_came(user: User) -> None:
    """What the provider did is not known: the access token is used, and the refresh token is left alone meanwhile."""
    user.signs_in()
    with user.struck_by("token-close"):
        user.types("refresh")
    user.was_told()
    user.stands("connected", names_case=True, flags=["in_doubt"])
    user.logged()
    user.is_diagnosed()
    user.sandbox.requests.clear()
    user.keeps_the_session()
    assert not any(record.path.endswith("/token") for record in user.sandbox.requests)


@pytest.mark.case("no-thread")
def test_a_machine_without_a_thread_to_spare(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where `ulimit -u` is reached: nothing is sent."""
    user.signs_in()
    user.sandbox.requests.clear()
    with monkeypatch.context() as exhausted:
        exhausted.setattr(threading.Thread, "start", _refuse)
        user.types("refresh")
    user.was_told()
    assert not list(user.sandbox.requests)
    user.stands("connected", names_case=True)
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session("refresh")


@pytest.mark.case("clock-skew")
def test_a_clock_that_is_wrong(user: User) -> None:
    """The server's is ten minutes ahead: the refresh is well, and `status` says so."""
    user.signs_in()
    with user.struck_by("date-ahead"):
        assert user.types("refresh").code == 0
    user.types("status")
    user.was_warned("clock")
    user.stands("connected", flags=["clock_skewed"])
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("lock-timeout")
def test_another_process_holds_the_account_for_too_long(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent beside it; once it is done, all is as before."""
    user.signs_in()
    user.sandbox.requests.clear()
    monkeypatch.setattr("signedin.rotation.CLAIM_SECONDS", 0.05)
    (lock,) = user.home.glob("apps/signedin/accounts/*/lock")
    with holding(TAKES_A_LOCK, str(lock)):
        user.types("refresh")
    user.was_told()
    assert not list(user.sandbox.requests)
    user.stands("connected", names_case=True)
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session("refresh")


def _sign_in_through(user: User, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed in to a provider whose token endpoint alone lies beyond the gate."""
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    (user.home / "config.toml").write_text(
        f'[providers.beyond]\nissuer = "{user.sandbox.issuer_of(NATIVE)}"\nclient_id = "{NATIVE.client_id}"\n'
        f'scopes = ["openid", "email", "offline_access"]\ntoken_endpoint = "{origin}{NATIVE.token_endpoint}"\n'
        f'api_base = "{user.sandbox.audience(NATIVE)}"\n'
    )
    user.signs_in("beyond")


@contextmanager
def _set(user: User, setting: str, value: str, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """A variable, or a key of `config.toml`, has this value until the block ends."""
    table, _, key = setting.rpartition(".")
    with monkeypatch.context() as wrong:
        if not table:
            wrong.setenv(key, value)
        else:
            (user.home / "config.toml").write_text(f'[{table}]\n{key} = "{value}"\n')
        yield
    (user.home / "config.toml").unlink(missing_ok=True)


def _refuse(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
