"""Owns the contract of `signedin.sign_in.Prompt` as a suite: subclass it, give it a prompt, and pytest runs it.

    class TestMyPrompt(PromptContract):
        @pytest.fixture
        def prompt(self) -> Prompt: ...
        @pytest.fixture
        def shown(self) -> Shown: ...

What it looks like, and what becomes of what a person types, is the prompt's own matter.
"""

from collections.abc import Callable
from functools import partial

import anyio
import pytest

from signedin.sign_in import Prompt
from signedin.testing.event_loops import OnEachLoop, Run
from signedin.testing.fake_attempt import FakeAttempt

Shown = Callable[[], str]
"""All that the person was shown so far: text, and the addresses that a browser was given."""

_PATIENCE = 10.0
_PAUSE = 0.01


class PromptContract(OnEachLoop):
    """What every prompt must do. A subclass overrides both fixtures."""

    @pytest.fixture
    def prompt(self) -> Prompt:
        """A prompt, and nobody who answers it."""
        raise NotImplementedError("override the fixture `prompt`")

    @pytest.fixture
    def shown(self) -> Shown:
        """What it shows."""
        raise NotImplementedError("override the fixture `shown`")

    def test_the_person_gets_the_address(self, prompt: Prompt, shown: Shown, run: Run) -> None:
        """Whole; the short one will do, for it leads there."""
        attempt = FakeAttempt()
        run(partial(self._until, prompt, attempt, lambda: attempt.url in shown() or f"{attempt.short_url}" in shown()))
        assert attempt.submitted == []

    def test_the_person_gets_the_code(self, prompt: Prompt, shown: Shown, run: Run) -> None:
        """Where there is one, with the address at which it is typed; there is no short one then."""
        url, user_code = "https://id.example/device", "WDJB-MJHT"
        attempt = FakeAttempt(url=url, short_url=None, user_code=user_code, ways=("device",))

        def told() -> bool:
            bare = "".join(shown().split())  # a code is easier to read with blanks in it
            return user_code in bare and url in bare

        run(partial(self._until, prompt, attempt, told))

    def test_it_is_over_when_the_attempt_is(self, prompt: Prompt, shown: Shown, run: Run) -> None:
        """It is cancelled then, waits for nobody, and takes that for no failure of its own."""
        attempt = FakeAttempt()
        run(partial(self._until, prompt, attempt, lambda: shown() != ""))
        assert (attempt.failed, attempt.cancelled) == (None, False)

    async def _until(self, prompt: Prompt, attempt: FakeAttempt, holds: Callable[[], bool]) -> None:
        """Show the attempt until something holds, and then no longer."""
        with anyio.fail_after(_PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(prompt, attempt)
                while not holds():  # noqa: ASYNC110 - a prompt says nothing of what it shows
                    await anyio.sleep(_PAUSE)
                tasks.cancel_scope.cancel()
