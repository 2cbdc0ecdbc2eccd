"""The suite for prompts, kept by one that takes an attempt at its word. Ours keep it in the adapters' tests."""

import time

import anyio
import pytest

from signedin import Attempt
from signedin.sign_in import Prompt
from signedin.testing import PromptContract
from signedin.testing.prompt_contract import Shown


class Countdown:
    """Shows how long there is left, and gives up when there is nothing."""

    def __init__(self) -> None:
        self.shown = ""

    async def __call__(self, attempt: Attempt) -> None:
        while (left := attempt.deadline - time.time()) > 0:
            self.shown += f"{attempt.url} {attempt.user_code or ''} {left:.0f} s"
            await anyio.sleep(1)
        attempt.fail(attempt.timeout_case)


class TestCountdown(PromptContract):
    """There is time to show it."""

    @pytest.fixture
    def countdown(self) -> Countdown:
        return Countdown()

    @pytest.fixture
    def prompt(self, countdown: Countdown) -> Prompt:
        return countdown

    @pytest.fixture
    def shown(self, countdown: Countdown) -> Shown:
        return lambda: countdown.shown
