"""The attempt that a prompt is tested with."""

import pytest

from signedin import Attempt
from signedin.oauth.callback import CallbackRejected
from signedin.testing import FakeAttempt


def test_it_has_all_that_an_attempt_shows() -> None:
    """By the same names, so that a screen needs nothing else."""
    attempt: Attempt = FakeAttempt(user_code="WDJB-MJHT", ways=("device",))
    assert (attempt.user_code, attempt.ways, attempt.app_name) == ("WDJB-MJHT", ("device",), "Acme Notes")
    assert attempt.url.startswith("https://id.example/")


async def test_what_is_pasted_is_kept_and_judged() -> None:
    """A test says what is no answer."""

    def judge(pasted: str) -> None:
        if pasted != "right":
            raise CallbackRejected("This answer belongs to another sign-in attempt.", reason="state")

    attempt = FakeAttempt(judge=judge)
    await attempt.submit("right")
    with pytest.raises(CallbackRejected):
        await attempt.submit("wrong")
    assert attempt.submitted == ["right", "wrong"]


def test_it_knows_how_it_was_given_up() -> None:
    """By the person, or by a prompt that cannot go on."""
    attempt = FakeAttempt()
    attempt.cancel()
    attempt.fail("no-browser-headless", "No browser here")
    assert (attempt.cancelled, attempt.failed) == (True, "no-browser-headless")
