"""Connection keeps expiring."""

import os
import shutil
import subprocess
from pathlib import Path

import anyio
import pytest
from tests.support.command import SIGNEDIN, Run
from tests.support.command_line import sign_in
from tests.support.connected import announce
from tests.support.stage import TOKEN, HeldBack, PastingVisitor
from tests.support.user import User

from signedin import Connection, InteractionRequired
from signedin.testing import FakeClock
from signedin_adapters.sandbox import RequestRecord


@pytest.mark.case("refresh-token-reused")
def test_a_refresh_token_that_was_spent_twice(user: User) -> None:
    """Somebody else spent it: the server ends the grant, and only signing in helps."""
    user.signs_in()
    with user.struck_by("token-reused"):
        user.types("refresh")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("refresh-token-expired-idle")
def test_a_session_that_was_not_used_for_too_long(user: User) -> None:
    """The server let it run out, and says so by code."""
    user.signs_in()
    with user.struck_by("token-expired-idle"):
        user.types("refresh")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("refresh-token-revoked")
def test_a_session_that_was_ended_elsewhere(user: User) -> None:
    """The token endpoint says so when the session is to be renewed."""
    user.signs_in()
    with user.struck_by("token-invalidated"):
        user.types("refresh")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("refresh-token-revoked")
def test_a_session_that_its_user_ended_at_the_provider(user: User) -> None:
    """The API says so first: the access token lives and is worth nothing any more."""
    user.signs_in()
    user.sandbox.revoke_all()
    user.types("ask", "Hello")
    user.was_told()
    user.stands("expired")
    user.logged(by="GrantEnded")
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("session-ended")
def test_a_grant_that_is_not_valid_any_more(user: User) -> None:
    """The code of RFC 6749 §5.2, which says no more than that."""
    user.signs_in()
    with user.struck_by("token-invalid-grant"):
        user.types("refresh")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("refresh-token-absent")
def test_a_session_without_a_refresh_token(user: User) -> None:
    """It ends with its access token: an app that runs on finds it so, and the next process knows."""
    with user.struck_by("code-no-refresh-token"):
        anyio.run(_sign_in_and_go_on_hours_later, user)
    user.types("ask", "Hello")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("refresh-token-absent")
def test_a_refresh_where_there_is_nothing_to_refresh_with(user: User) -> None:
    """Whoever asks is told at once, and the access token is used as long as it lives."""
    with user.struck_by("code-no-refresh-token"):
        user.signs_in()
    user.types("refresh")
    user.was_told("ends with its access token")
    user.stands("connected")
    user.logged(by="call.failed")
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("refresh-token-absent")
def test_a_session_that_cannot_be_renewed_and_is_refused(user: User) -> None:
    """No new token was fetched, so nobody says that one was refused."""
    with user.struck_by("code-no-refresh-token"):
        user.signs_in()
    with user.struck_by("api-401"):
        user.types("ask", "Hello")
    user.was_told()
    user.stands("error")
    user.leaves_out("logged", because="the row's step is the end of the access token, which still lives here")
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("refresh-interrupted")
def test_a_refresh_whose_answer_was_lost(user: User) -> None:
    """The server had renewed the session; the old token is tried with care, and refused then."""
    user.signs_in()
    with user.struck_by("token-drop"):
        user.types("refresh")
    user.sandbox.expire_access_tokens()
    user.types("ask", "Hello")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed("request-timeout-ambiguous")
    user.has_lost_the_session()


@pytest.mark.case("refresh-interrupted")
def test_a_process_that_was_killed_while_it_refreshed(user: User) -> None:
    """The server had answered already, and nobody was there to hear it."""
    user.signs_in()
    answer = HeldBack(TOKEN)
    user.sandbox.on_request = answer
    with subprocess.Popen([SIGNEDIN, "refresh"]) as process:
        answer.wait_for_arrival()
        process.kill()
    user.sandbox.on_request = None
    answer.release()
    user.sandbox.expire_access_tokens()
    user.types("ask", "Hello")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("copied-to-second-machine")
def test_files_that_were_copied_from_another_machine(user: User, tmp_path: Path) -> None:
    """They lie beside an id that another machine has, and nothing is sent with them."""
    user.signs_in()
    laptop = tmp_path / "laptop"
    laptop.mkdir(mode=0o700)
    announce(user.sandbox, str(laptop))
    sign_in(user.sandbox, laptop)
    shutil.copyfile(_host_id(laptop), _host_id(user.home))
    user.sandbox.requests.clear()
    user.types("refresh")
    user.was_told()
    user.stands("expired")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()
    assert not list(user.sandbox.requests)
    assert user.types("login").code == 0


@pytest.mark.case("session-undecryptable")
def test_a_session_whose_key_is_gone(user: User) -> None:
    """As after a backup that left the key out; nothing is deleted."""
    user.signs_in()
    (key,) = user.home.glob("apps/signedin/accounts/*/key")
    key.unlink()
    user.types("refresh")
    user.was_told()
    user.leaves_out("stands", because="`status` needs no key, and so it asks for none: `doctor` does")
    assert user.types("doctor").code == 4
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()
    assert user.types("login").code == 0


@pytest.mark.case("signed-out-elsewhere")
def test_another_window_signs_out_meanwhile(user: User, start: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """This one has the list of models already, and asks nothing more with what it holds."""
    user.signs_in()
    monkeypatch.setattr("signedin.lookout.LOOK_SECONDS", 0.0)

    def sign_out(record: RequestRecord) -> None:
        user.sandbox.on_request = None
        assert start("logout", "--yes", "--local").code == 0

    monkeypatch.setattr(user.sandbox, "on_request", sign_out)
    user.types("ask", "Hello")
    user.was_told()
    user.stands("disconnected", names_case=False)
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("account-switched-elsewhere")
def test_another_window_signs_in_as_somebody_else(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is an account of its own: the one in use stays Ada's, and both are listed."""
    user.signs_in()
    user.types("switch", "ada@example.com")
    monkeypatch.setattr(user.sandbox, "auto_approve", False)
    anyio.run(_sign_in_as_grace, user)
    user.types("accounts")
    user.was_warned("ada@example.com", "grace@example.com")
    user.stands("connected")
    assert user.types("status", "--json").json()["account"]["label"] == "ada@example.com"
    user.leaves_out("logged", because="it is no trouble")
    assert user.types("diagnose", "--json").json()["cases"] == []
    user.leaves_out("diagnosed", because="it is no trouble, and none is named")
    user.keeps_the_session()


@pytest.mark.case("shared-codex-file")
def test_another_tools_tokens_are_left_alone(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is neither read nor written, and our own session needs nothing of it."""
    theirs = tmp_path / "codex" / "auth.json"
    theirs.parent.mkdir()
    theirs.write_text('{"tokens": {"refresh_token": "theirs"}}')
    monkeypatch.setenv("CODEX_HOME", str(theirs.parent))
    os.utime(theirs, (1, 1))
    user.signs_in("sandbox-codex")
    user.types("refresh")
    user.was_warned("Renewed.")
    assert (theirs.stat().st_atime, theirs.stat().st_mtime) == (1, 1)
    user.stands("connected")
    user.leaves_out("logged", because="nothing happened")
    assert user.types("diagnose", "--json").json()["cases"] == []
    user.leaves_out("diagnosed", because="nothing happened, and nothing is named")
    user.keeps_the_session()


@pytest.mark.case("transient-taken-as-logout")
@pytest.mark.parametrize("fault", ["token-503", "token-429", "token-html", "token-challenge", "token-close"])
def test_an_outage_signs_nobody_out(user: User, fault: str) -> None:
    """`status` names what stands in the way, and the session is kept."""
    user.signs_in()
    with user.struck_by(fault):
        assert user.types("refresh").code == 5
    user.types("status")
    user.was_warned("ada@example.com")
    status = user.types("status", "--json").json()
    assert (status["state"], status["needs_sign_in"], status["case"]["category"]) == ("connected", False, "transient")
    user.leaves_out("stands", because="the case that stands is the outage's, which has its own test")
    user.leaves_out("logged", because="what is logged is the outage, which has its own test")
    user.leaves_out("diagnosed", because="what is named is the outage, which has its own test")
    user.keeps_the_session()


@pytest.mark.case("refreshed-too-early")
def test_a_refresh_that_the_server_asked_to_put_off(user: User) -> None:
    """Nothing is sent, and it is said until when."""
    user.sandbox.earliest_refresh_at = "seconds"
    user.signs_in()
    user.sandbox.requests.clear()
    user.types("refresh")
    user.was_warned("The server asks not to refresh before ")
    assert not list(user.sandbox.requests)
    user.stands("connected")
    user.leaves_out("logged", because="nothing was done, and nothing is wrong")
    assert user.types("diagnose", "--json").json()["cases"] == []
    user.leaves_out("diagnosed", because="nothing is wrong, and nothing is named")
    user.keeps_the_session()


@pytest.mark.case("api-401-loop")
def test_an_api_that_refuses_a_fresh_token_too(user: User) -> None:
    """One refresh heals a passing refusal, and nothing is said of it. Here there is one more try, and no third."""
    user.signs_in()
    user.sandbox.faults.inject("api-401")
    assert user.types("ask", "Hello").code == 0
    assert user.types("diagnose", "--json").json()["cases"] == []
    user.sandbox.requests.clear()
    with user.struck_by("api-401"):
        user.types("ask", "Hello")
    user.was_told()
    assert sum(record.path.endswith("/oauth/token") for record in user.sandbox.requests) == 1
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("unclassified")
def test_an_error_that_nobody_has_documented(user: User) -> None:
    """What is not known costs nothing: the session is kept, and the request's id is told."""
    user.signs_in()
    with user.struck_by("token-unknown-code"):
        user.types("refresh")
    user.was_told()
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session("refresh")


@pytest.mark.case("refresh-token-other-user")
def test_a_refresh_that_brings_somebody_elses_tokens(user: User) -> None:
    """Our own are spent, and theirs are never used: not by the next process either."""
    user.signs_in()
    with user.struck_by("id-token-wrong-sub"):
        user.types("refresh")
    user.was_told()
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("logout-not-effective")
def test_a_sign_out_that_the_provider_did_not_confirm(user: User) -> None:
    """Nothing is left here, and people are told where to make sure."""
    user.signs_in()
    with user.struck_by("revoke-503"):
        user.types("logout", "--yes")
    user.was_warned("did not confirm it", "explain logout-not-effective", user.sandbox.issuer)
    user.stands("disconnected", names_case=False)
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


def _host_id(home: Path) -> Path:
    return home / "apps" / "signedin" / "host-id"


async def _sign_in_and_go_on_hours_later(user: User) -> None:
    clock, visitor = FakeClock(), PastingVisitor(sandbox=user.sandbox)
    async with Connection.open(app_name="signedin", provider="sandbox", home=user.home, clock=clock) as connection:
        await connection.sign_in(prompt=visitor)
        clock.advance(2 * 3600)
        with pytest.raises(InteractionRequired):
            await connection.get_access_token()


async def _sign_in_as_grace(user: User) -> None:
    visitor = PastingVisitor(sandbox=user.sandbox, person="grace")
    async with Connection.open(
        app_name="signedin", account="grace", new=True, provider="sandbox", home=user.home
    ) as connection:
        await connection.sign_in(prompt=visitor)
