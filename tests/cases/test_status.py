"""Status and integration. All of it is advice: what it promises holds."""

import pytest
from tests.support.command import Run
from tests.support.command_line import asked_to_authorize
from tests.support.keyrings import NO_BUS
from tests.support.user import User

NOTHING_WRONG = "advice: no code raises it"


@pytest.mark.case("status-false-positive")
def test_a_session_that_was_ended_elsewhere_looks_well_until_it_is_used(user: User) -> None:
    """`status` asks nobody; `--verify` asks and refreshes nothing; the first use tells the truth for good."""
    user.signs_in()
    user.sandbox.grants.end_all("revoked")
    user.sandbox.requests.clear()
    user.stands("connected", names_case=False)
    assert list(user.sandbox.requests) == []
    user.types("status", "--verify")
    user.was_warned("The session was ended elsewhere", "signedin login", code=4)
    assert [request.method for request in user.sandbox.requests] == ["GET"]
    assert user.types("ask", "Hello").code == 4
    assert user.types("status", "--json").json()["state"] == "expired"
    user.leaves_out("logged", because=NOTHING_WRONG)
    user.leaves_out("diagnosed", because=NOTHING_WRONG)
    user.has_lost_the_session()


@pytest.mark.case("status-false-negative")
def test_a_trouble_that_passed_is_called_broken_by_nobody(user: User) -> None:
    """An outage yesterday: after the next success neither status nor doctor nor the log's reader holds to it."""
    user.signs_in()
    with user.struck_by("api-503"):
        assert user.types("ask", "Hello").code == 5
    user.keeps_the_session()
    user.stands("connected", names_case=False)
    user.types("doctor")
    user.was_warned()
    (outage,) = user.types("diagnose", "--json").json()["cases"]
    assert (outage["id"], outage["status"]) == ("provider-outage", "cleared")
    user.leaves_out("logged", because=NOTHING_WRONG)
    user.leaves_out("diagnosed", because=NOTHING_WRONG)


@pytest.mark.case("service-blocks-on-login")
@pytest.mark.parametrize("command", [("ask", "Hello"), ("refresh",), ("models",), ("usage",)])
def test_without_anybody_at_hand_nothing_begins_to_sign_in(user: User, start: Run, command: tuple[str, ...]) -> None:
    """A service ends at once and names the command, before the first sign-in and after the session has died."""
    user.met(start(*command))
    user.was_warned("signedin login", code=user.case.exit_code)
    user.stands("disconnected", names_case=False)
    user.leaves_out("logged", because=NOTHING_WRONG)
    user.leaves_out("diagnosed", because=NOTHING_WRONG)
    user.has_no_session()
    user.signs_in()
    user.sandbox.grants.end_all("revoked")
    assert user.types("refresh").code == 4
    user.sandbox.requests.clear()
    user.met(start(*command))
    user.was_warned("signedin login", code=4)
    assert not asked_to_authorize(user.sandbox)


@pytest.mark.linux
@pytest.mark.case("cannot-prompt")
def test_what_cannot_be_asked_is_a_command_to_type(
    user: User, start: Run, acme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the key may lie is a question on a terminal; without one the command that answers it is named."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
    user.met(start("login", "--provider", acme))
    user.was_warned(f"SIGNEDIN_STORE=file signedin login --provider {acme} --again", code=6)
    assert "[y/N]" not in user.ran.out + user.ran.err
    assert not asked_to_authorize(user.sandbox)
    user.stands("disconnected", names_case=False)
    user.leaves_out("logged", because=NOTHING_WRONG)
    user.leaves_out("diagnosed", because=NOTHING_WRONG)
    user.has_no_session()
