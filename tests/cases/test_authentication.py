"""Authentication failed: no answer, another's answer, a refusal, a code or a registration that is worth nothing."""

from pathlib import Path

import anyio
import pytest
from tests.support.broken_disk import BrokenDisk
from tests.support.command import SIGNEDIN, Person, Ran, Run, ended
from tests.support.command_line import sign_in
from tests.support.stage import TOKEN, browse, first_answer
from tests.support.user import User

from signedin import Connection
from signedin_adapters.sandbox import Sandbox

LOGIN = ("login", "--provider", "sandbox")
DEVICE = ("login", "--provider", "sandbox-native", "--device")


@pytest.fixture
def quick(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a code may ask every second what became of it."""
    monkeypatch.setattr(sandbox, "device_interval", 1)


# The browser does not come back, or with an answer that is not the one.


@pytest.mark.case("callback-never-arrives")
def test_nobody_comes_back_from_the_browser(user: User) -> None:
    """The time for a first sign-in runs out."""
    user.types(*LOGIN, "--no-browser", "--timeout", "0.2")
    user.was_told("paste the address it ends at")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("callback-never-arrives")
def test_nobody_comes_back_to_sign_in_once_more(user: User) -> None:
    """Whoever was signed in before still is."""
    user.signs_in()
    user.types("login", "--again", "--no-browser", "--timeout", "0.2")
    user.was_told()
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("state-mismatch-stale-tab")
def test_an_old_tab_answers_before_the_new_one(user: User) -> None:
    """The tab is told so, the terminal too where the address is pasted there, and the sign-in waits for its own."""
    old = "/auth/callback?code=the-code-of-yesterday&state=the-state-of-yesterday"
    person = Person(*LOGIN, "--no-browser")
    person.reads("left, c copies the address")
    short = person.screen.split("For short: ")[1].split()[0].rstrip("/")
    assert browse(short + old).status_code == 400
    person.types(f"{short}{old}\n")
    person.reads("another sign-in attempt")
    browse(user.sandbox.sign_in(first_answer(f"{short}/").headers["location"]))
    user.met(person.ran())
    user.was_warned("This answer belongs to another sign-in attempt.")
    user.stands("connected")
    user.logged()
    user.is_diagnosed(status="cleared")
    user.keeps_the_session()


@pytest.mark.case("state-mismatch-stale-tab")
def test_nothing_but_an_old_tab_answers(user: User) -> None:
    """Then that is why nobody was signed in, and not that nobody came."""
    with user.struck_by("callback-wrong-state"):
        user.types(*LOGIN, "--timeout", "1")
    user.was_told("Nobody was signed in by this", "Close older sign-in tabs")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("user-denied-consent")
@pytest.mark.parametrize(
    ("fault", "way"), [("callback-denied", LOGIN), ("device-denied", DEVICE)], ids=["browser", "code"]
)
def test_the_user_declines(user: User, quick: None, fault: str, way: tuple[str, ...]) -> None:
    """No is an answer: nothing is waited for any more."""
    with user.struck_by(fault):
        user.types(*way)
    user.was_told()
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("login-cancelled")
def test_the_user_gives_up(user: User) -> None:
    """Ctrl-C: who pressed it knows why the command ended, so it says no more than that."""
    person = Person(*LOGIN, "--no-browser")
    person.reads("left, c copies the address")
    person.interrupts()
    user.met(person.ran())
    user.was_warned("Interrupted", code=130)
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("authorization-refused")
def test_the_server_sends_the_browser_back_with_an_error(user: User) -> None:
    """It is no answer of the user's; whoever was signed in before still is."""
    user.signs_in()
    with user.struck_by("callback-server-error"):
        user.types("login", "--again")
    user.was_told("--online")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


# The code is worth nothing.


@pytest.mark.case("code-expired-or-used")
def test_a_code_that_comes_too_late(user: User) -> None:
    """It is sent once, and refused."""
    with user.struck_by("code-expired"):
        user.types(*LOGIN)
    assert [record.path for record in user.sandbox.requests].count(TOKEN) == 1
    user.was_told("within a few minutes")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("redirect-uri-mismatch")
def test_a_code_that_was_made_for_another_address(user: User) -> None:
    """A fault of ours, which only a new version ends."""
    with user.struck_by("code-redirect-uri"):
        user.types(*LOGIN)
    user.was_told("Update this tool")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("login-rate-limited")
def test_too_many_sign_ins(user: User) -> None:
    """The code was refused for now; the way on is to wait, then to sign in."""
    with user.struck_by("token-429"):
        user.types(*LOGIN)
    user.was_told("Wait a few minutes", "run signedin login --provider sandbox again")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("login-rate-limited")
def test_too_many_codes_are_asked_for(user: User) -> None:
    """Nothing began, so there is no step that could tell of it."""
    with user.struck_by("device-start-429"):
        user.types(*DEVICE)
    user.was_told("Wait a few minutes")
    user.stands("disconnected", names_case=False)
    user.leaves_out("logged", because="the catalogue's step is that of a code, and none was given out")
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("region-unsupported")
def test_the_browser_is_let_through_and_this_process_is_not(user: User) -> None:
    """The code cannot be redeemed from here; where to change the route, and that signing in is still to be done."""
    with user.struck_by("token-region"):
        user.types(*LOGIN)
    user.was_told("HTTPS_PROXY", "run signedin login --provider sandbox again")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("region-unsupported")
def test_somebody_travels_to_a_region_that_is_not_served(user: User) -> None:
    """The session outlives the journey."""
    user.signs_in()
    with user.struck_by("token-region"):
        user.types("refresh")
    user.was_told("HTTPS_PROXY")
    user.stands("connected", names_case=True)
    user.logged(by="RefreshFailed")
    user.is_diagnosed()
    user.keeps_the_session("refresh")


# The registration is worth nothing.


@pytest.mark.case("registration-incomplete")
def test_a_first_sign_in_brings_no_client_id(user: User) -> None:
    """The code that came without one is not redeemed."""
    with user.struck_by("callback-no-client-id"):
        user.types(*LOGIN)
    assert TOKEN not in [record.path for record in user.sandbox.requests]
    user.was_told()
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("registration-mismatch")
def test_another_registration_answers(user: User) -> None:
    """Its code is not redeemed, and the session that was there serves on."""
    user.signs_in()
    user.sandbox.requests.clear()
    with user.struck_by("callback-foreign-client"):
        user.types("login", "--again")
    assert TOKEN not in [record.path for record in user.sandbox.requests]
    user.was_told("signedin login --new")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("registration-gone")
def test_the_user_removed_the_app_at_the_provider(user: User) -> None:
    """It turns out when the code is redeemed; registering anew is one command, and nothing is removed before."""
    user.signs_in()
    with user.struck_by("code-client-gone"):
        user.types("login", "--again")
    user.was_told("signedin login --replace")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.types("login", "--replace")
    user.keeps_the_session()


@pytest.mark.case("client-refused")
def test_the_client_is_refused_at_a_refresh(user: User) -> None:
    """The provider may think better of it, so the session is kept."""
    user.signs_in()
    with user.struck_by("token-invalid-client"):
        user.types("refresh")
    user.was_told("signedin login --replace")
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session("refresh")


@pytest.mark.case("client-refused")
def test_the_client_is_refused_at_the_first_sign_in(user: User) -> None:
    """Nobody registered it, so there is nothing to register anew."""
    with user.struck_by("token-invalid-client"):
        user.types("login", "--provider", "sandbox-native")
    user.was_told("signedin providers")
    user.stands("disconnected")
    user.logged(by="CodeExchangeFailed")
    user.is_diagnosed()
    user.has_no_session()


# A code to be typed elsewhere.


@pytest.mark.case("device-code-disabled")
def test_no_code_is_given_out(user: User) -> None:
    """It says where to switch it on, and the way that needs none."""
    with user.struck_by("device-disabled"):
        user.types("login", "--provider", "sandbox-codex", "--device")
    user.was_told("security settings", "--no-browser")
    user.stands("disconnected", names_case=False)
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("device-code-expired")
def test_nobody_types_the_code_in_time(user: User, quick: None) -> None:
    """By the provider's word: no new code is fetched unasked."""
    with user.struck_by("device-expired"):
        user.types(*DEVICE)
    user.was_told("signedin login --provider sandbox-native --device for a new code")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("device-code-expired")
def test_nobody_types_the_code_before_the_users_own_time_is_up(user: User) -> None:
    """By this machine's clock."""
    user.types("login", "--provider", "sandbox-codex", "--device", "--timeout", "0.2")
    user.was_told("--device for a new code")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


# Signed in, and not known to be.


def signing_in_while_it_breaks(disk: BrokenDisk, how: str, sandbox: Sandbox, *arguments: str) -> Ran:
    """How `login` ends in a process that has its home there, if the disk breaks before the code is redeemed."""
    sandbox.on_request = lambda record: disk.break_down(how) if record.path == TOKEN else None
    try:
        return ended(SIGNEDIN, *LOGIN, *arguments)
    finally:
        sandbox.on_request = None


@pytest.mark.linux
@pytest.mark.case("persist-failed-at-login")
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_the_disk_breaks_while_the_browser_is_open(user: User, disk: BrokenDisk, how: str) -> None:
    """The sign-in is no success, and says so; nothing of it is left, whoever looks."""
    user.met(signing_in_while_it_breaks(disk, how, user.sandbox))
    user.was_told("Make room", "run signedin login")
    user.stands("disconnected", names_case=False)
    user.logged()
    user.is_diagnosed()
    disk.mend(how)
    user.has_no_session()


@pytest.mark.linux
@pytest.mark.case("persist-failed-at-login")
def test_what_is_not_saved_takes_nobodys_place(user: User, disk: BrokenDisk) -> None:
    """The account that was to make way for the new one stays, and serves."""
    sign_in(user.sandbox, disk.seen_from_here)
    user.met(signing_in_while_it_breaks(disk, "full", user.sandbox, "--replace"))
    user.was_told("Make room", "run signedin login")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    disk.mend("full")
    user.keeps_the_session()


@pytest.mark.case("login-done-app-unaware")
async def test_an_app_that_is_open_sees_a_sign_in_elsewhere(
    sandbox: Sandbox, home: Path, start: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process signs in, and this one is connected at its next use, without being started again."""
    monkeypatch.setattr("signedin.lookout.LOOK_SECONDS", 0.0)
    async with Connection.open(app_name="signedin", provider="sandbox", home=home) as connection:
        assert connection.needs_sign_in
        ran = await anyio.to_thread.run_sync(start, *LOGIN)
        assert ran.code == 0
        assert await connection.get_access_token()
