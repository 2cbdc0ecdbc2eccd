"""How an attempt ends that a prompt gives up on, or whose browser spoke something that cannot be read."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from tests.support.stage import Stage, watching

from signedin import Attempt, SignInFailed, State, Transition
from signedin.states import Flag

HTTPS = "callback-upgraded-to-https"
TLS_BEGINS = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


def told(seen: list[Transition], trigger: str) -> list[str | None]:
    """The cases that transitions of this trigger told."""
    return [each.case for each in seen if each.trigger == trigger]


def log_of(stage: Stage) -> list[dict[str, Any]]:
    """The lines of the app's log."""
    path = Path(stage.home, "apps", "acme-notes", "log", "signedin.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


async def speak_tls(attempt: Attempt) -> None:
    """What a browser does that makes https of every address: it hears nothing it could read."""
    assert attempt.short_url is not None
    address = urlsplit(attempt.short_url)
    async with await anyio.connect_tcp(address.hostname or "", address.port or 0) as stream:
        await stream.send(TLS_BEGINS)
        with pytest.raises(anyio.EndOfStream):
            await stream.receive()


# A prompt that gives up.


async def test_a_prompt_says_why_it_cannot_go_on(stage: Stage) -> None:
    """The attempt ends with that case, at once, and so it is told."""

    async def give_up(attempt: Attempt) -> None:
        attempt.fail("no-browser-headless")

    async with stage.open() as connection:
        with watching(connection) as seen, pytest.raises(SignInFailed) as refused:
            await connection.sign_in(prompt=give_up)
        assert refused.value.case == "no-browser-headless"
        assert connection.state is State.DISCONNECTED
    assert told(seen, "SignInFailed") == ["no-browser-headless"]


async def test_what_was_there_before_is_kept(stage: Stage) -> None:
    """Giving up a second sign-in costs the first nothing."""

    async def give_up(attempt: Attempt) -> None:
        attempt.fail("no-browser-headless")

    async with stage.signed_in() as connection:
        with pytest.raises(SignInFailed):
            await connection.sign_in(prompt=give_up)
        assert connection.state is State.CONNECTED
        await connection.get_access_token()


async def test_a_prompt_that_gives_up_late_changes_nothing(stage: Stage) -> None:
    """Nor one that does so twice."""
    kept: list[Attempt] = []

    async def keep(attempt: Attempt) -> None:
        kept.append(attempt)
        await stage.visitor()(attempt)

    async with stage.open() as connection:
        await connection.sign_in(prompt=keep)
        with watching(connection) as seen:
            for attempt in kept * 2:
                attempt.fail("no-browser-headless")
        assert seen == []
        assert connection.state is State.CONNECTED


# A browser that speaks TLS.


async def test_tls_at_the_port_is_told_in_the_log(stage: Stage) -> None:
    """Its case stands there while the attempt still waits."""

    async def upgraded(attempt: Attempt) -> None:
        await speak_tls(attempt)
        assert connection.state is State.AUTHORIZING
        attempt.cancel()

    async with stage.open() as connection:
        with pytest.raises(SignInFailed) as refused:
            await connection.sign_in(prompt=upgraded)
        assert refused.value.case == "login-cancelled"
    turned_away = [line for line in log_of(stage) if line.get("trigger") == "CallbackRejected"]
    assert [line["case"] for line in turned_away] == [HTTPS]


async def test_an_attempt_whose_browser_spoke_tls_dies_of_it(stage: Stage) -> None:
    """At its deadline, which would have been told as that of a browser that never came."""

    async def upgraded(attempt: Attempt) -> None:
        await speak_tls(attempt)
        await anyio.sleep_forever()

    async with stage.open() as connection:
        with watching(connection) as seen, pytest.raises(SignInFailed) as refused:
            await connection.sign_in(prompt=upgraded, seconds=0.2)
        assert refused.value.case == HTTPS
    assert set(told(seen, "SignInTimedOut")) == {HTTPS}  # whichever thread was first


async def test_whoever_ends_an_overdue_attempt_tells_the_same(stage: Stage) -> None:
    """Its own task may be gone by then: the account ends it for whoever looks next, and for the same case."""
    async with stage.open() as connection, connection.authorize() as attempt:
        await speak_tls(attempt)
        with watching(connection) as seen:
            stage.clock.advance(3600)
            assert connection.state is State.DISCONNECTED
            assert told(seen, "SignInTimedOut") == [HTTPS]


async def test_a_browser_that_comes_by_http_after_all_is_taken(stage: Stage) -> None:
    """TLS before it was no answer, and harms nothing."""

    async def upgraded_at_first(attempt: Attempt) -> None:
        await speak_tls(attempt)
        await stage.visitor()(attempt)

    async with stage.open() as connection:
        await connection.sign_in(prompt=upgraded_at_first)
        assert connection.state is State.CONNECTED
        assert connection.case is None
        assert Flag.PLAN_ENABLED in connection.flags
