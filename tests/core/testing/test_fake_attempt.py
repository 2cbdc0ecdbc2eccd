"""The attempt that a prompt is tested with."""

import inspect
import time
from collections.abc import Callable

import anyio
import pytest
from tests.support.surface import OF_THE_CORE, members

from signedin import Attempt, SignInFailed
from signedin.oauth.callback import CallbackRejected
from signedin.testing import FakeAttempt

PATIENCE = 10.0


def test_it_has_all_that_an_attempt_shows() -> None:
    """By the same names, so that a screen needs nothing else; what it does, it does by itself."""
    attempt: Attempt = FakeAttempt()
    for name in members(Attempt) - OF_THE_CORE:
        assert hasattr(attempt, name), name
    for name, theirs in inspect.getmembers(Attempt, inspect.isfunction):
        if not name.startswith("_"):
            own = vars(FakeAttempt)[name]
            assert inspect.signature(own).parameters == inspect.signature(theirs).parameters, name


def test_there_is_time_left() -> None:
    """Ten minutes, in the seconds that a real one counts in, unless a test says otherwise."""
    before = time.time()
    assert before + 600 <= FakeAttempt().deadline <= time.time() + 600
    assert FakeAttempt(deadline=1_790_000_000.0).deadline == 1_790_000_000.0


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


async def test_it_ends_when_the_test_says_so() -> None:
    """For everyone who waits, and not before; a session is there then."""
    attempt, over = FakeAttempt(), list[str]()

    async def wait() -> None:
        await attempt.done()
        over.append("done")

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            tasks.start_soon(attempt.run)
            await anyio.wait_all_tasks_blocked()
            assert over == []
            await anyio.to_thread.run_sync(attempt.finish)
    assert over == ["done"]


@pytest.mark.parametrize(
    ("end", "case", "told"),
    [
        (lambda attempt: attempt.finish("user-denied-consent"), "user-denied-consent", None),
        (lambda attempt: attempt.end("offline", saved=False), "offline", None),
        (lambda attempt: attempt.cancel(), "login-cancelled", None),
        (lambda attempt: attempt.fail("no-browser-headless", "No browser here"), "no-browser-headless", "No browser"),
    ],
    ids=["finish", "end", "cancel", "fail"],
)
async def test_it_may_end_badly(end: Callable[[FakeAttempt], None], case: str, told: str | None) -> None:
    """With the case that a real one has then. The first end is the one that counts."""
    attempt = FakeAttempt()
    end(attempt)
    attempt.finish()
    attempt.fail("offline", "Too late")
    with pytest.raises(SignInFailed) as failed:
        await attempt.done()
    assert failed.value.case == case
    assert failed.value.message.startswith(told or "")
    assert "Too late" not in failed.value.message


async def test_nobody_waits_for_ever() -> None:
    """What is never finished runs out of time, as a sign-in does."""
    with anyio.fail_after(PATIENCE), pytest.raises(SignInFailed) as failed:
        await FakeAttempt(deadline=time.time()).done()
    assert failed.value.case == "callback-never-arrives"


def test_it_knows_how_it_was_given_up() -> None:
    """By the person, or by a prompt that cannot go on."""
    attempt = FakeAttempt()
    attempt.cancel()
    attempt.fail("no-browser-headless", "No browser here")
    assert (attempt.cancelled, attempt.failed) == (True, "no-browser-headless")
