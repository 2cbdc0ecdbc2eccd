"""What the log is told of calls that fail again and again: an episode once, and that it is over once it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from signedin import Connection, Flag
from signedin.errors import AnswerRefused, ConnectionFailed, SignedinError
from signedin.responses import ask, models
from signedin_adapters.diagnosis import diagnose, find
from signedin_adapters.sandbox import Sandbox

TIMES = 3

Told = Callable[[], list[tuple[str, str | None]]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the app's log lies."""
    return tmp_path / "apps" / "acme-notes" / "log" / "signedin.jsonl"


@pytest.fixture
def told(connection: Connection, log: Path) -> Told:
    """What was told since the sign-in: events with their cases."""
    before = len(log.read_text().splitlines())

    def told() -> list[tuple[str, str | None]]:
        lines = map(json.loads, log.read_text().splitlines()[before:])
        return [(line.get("trigger", line["event"]), line.get("case")) for line in lines]

    return told


async def fails(connection: Connection, case: str, *, listing: bool = False) -> None:
    """A question, or a list, that comes to nothing."""
    with pytest.raises(SignedinError) as raised:
        await (models(connection) if listing else ask(connection, "Why?", model="sandbox-small"))
    assert raised.value.case == case


@pytest.mark.parametrize(
    ("fault", "case", "listing"),
    [
        ("stream-cut", "stream-incomplete", False),
        ("stream-error-event", "provider-outage", False),
        ("api-portal", "ok-status-error-body", False),
        ("api-portal", "ok-status-error-body", True),
        ("models-empty", "catalogue-empty", True),
        ("api-503", "provider-outage", False),
    ],
)
async def test_what_fails_on_and_on_is_told_once_and_so_is_its_end(
    connection: Connection, sandbox: Sandbox, told: Told, fault: str, case: str, listing: bool
) -> None:
    """Also where the answer begins well: a good head makes no good answer."""
    sandbox.faults.inject(fault, None)
    for _ in range(TIMES):
        await fails(connection, case, listing=listing)
    assert told() == [("call.failed", case)]
    sandbox.faults.clear()
    await (models(connection) if listing else ask(connection, "Why?", model="sandbox-small"))
    assert told() == [("call.failed", case), ("call.succeeded", None)]


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("api-429-limit", "app-usage-limit-hit"),
        ("stream-failed-limit", "app-usage-limit-hit"),
        ("model-not-found", "model-not-in-plan"),
    ],
)
async def test_a_flag_is_raised_once(
    connection: Connection, sandbox: Sandbox, told: Told, fault: str, case: str
) -> None:
    """However often it is asked against a limit, and lowered by an answer that is whole."""
    sandbox.faults.inject(fault, None)
    for _ in range(TIMES):
        await fails(connection, case)
    assert told() == [("FlagRaised", case)]
    sandbox.faults.clear()
    await ask(connection, "Why?", model="sandbox-small")
    assert told()[1:] == [("FlagCleared", None)]


async def test_a_token_that_stays_refused_is_told_once(connection: Connection, sandbox: Sandbox, told: Told) -> None:
    """The connection waits already: what is refused meanwhile is no news."""
    sandbox.faults.inject("api-401", None)
    for _ in range(TIMES):
        await fails(connection, "api-401-loop")
    assert [trigger for trigger, _ in told()].count("ApiUnauthorized") == 2


async def test_an_answer_that_is_left_early_ends_an_episode_as_well(
    connection: Connection, sandbox: Sandbox, told: Told
) -> None:
    """It said something, and nothing against it."""
    sandbox.faults.inject("api-429-limit")
    with pytest.raises(AnswerRefused):
        await ask(connection, "Why?", model="sandbox-small")
    async with ask(connection, "Why?", model="sandbox-small") as answer:
        await anext(answer)
    assert Flag.USAGE_PAUSED not in connection.flags
    assert told()[1:] == [("FlagCleared", None)]


async def test_a_refused_token_that_cannot_be_renewed_now_is_what_stands_in_the_way(
    connection: Connection, sandbox: Sandbox, log: Path
) -> None:
    """The outage, in the error and in the log, and nothing else."""
    sandbox.faults.inject("api-401")
    sandbox.faults.inject("token-503")
    with pytest.raises(ConnectionFailed) as raised:
        await ask(connection, "Why?", model="sandbox-small")
    assert raised.value.case == "provider-outage"
    assert [(case.id, case.active) for case in diagnose(find([str(log)])).cases] == [("provider-outage", True)]
