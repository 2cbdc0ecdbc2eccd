"""A token that is good is given out at once; whatever would make it another one ends that."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.support.app_process import AppProcess
from tests.support.nursery import Nursery
from tests.support.stage import Stage, until

from signedin import Connection, InteractionRequired, account, events, lookout
from signedin.connection import account_of
from signedin.in_hand import InHand

DAY = 86400.0


@pytest.fixture
def no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next look at the store is far away: only what this process does or knows can be seen."""
    monkeypatch.setattr(lookout, "LOOK_SECONDS", 3600.0)


@pytest.mark.usefixtures("no_look")
async def test_nothing_is_asked_for_twice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the store nor the machine has a part in the second call."""
    async with stage.signed_in() as connection:
        token = await connection.get_access_token()
        monkeypatch.setattr(account_of(connection), "look", unexpected)
        assert await connection.get_access_token() is token


@pytest.mark.usefixtures("no_look")
async def test_a_token_that_is_due_is_renewed(stage: Stage) -> None:
    """By the wall clock, whenever the store was looked at last."""
    async with stage.signed_in() as connection:
        old = await connection.get_access_token()
        stage.clock.advance(DAY)
        assert (await connection.get_access_token()).reveal() != old.reveal()


@pytest.mark.usefixtures("no_look")
async def test_a_clock_that_was_set_back_is_met(stage: Stage) -> None:
    """Nothing is known about the token's end then: it is renewed behind."""
    async with stage.signed_in() as connection:
        await connection.get_access_token()
        stage.clock.advance(-DAY)
        await connection.get_access_token()
        await until(connection, lambda: connection.snapshot.generation == 2)


@pytest.mark.usefixtures("no_look")
async def test_a_token_that_the_api_refused_is_renewed_once_that_can_be(stage: Stage) -> None:
    """Also where the first try to renew it met an outage: nobody listens who would see the wait end."""
    async with stage.signed_in() as connection, connection.client() as api:
        for fault in ("token-503", "api-401"):
            stage.sandbox.faults.inject(fault)
        assert (await api.get("/models")).status_code == 401
        refused = await connection.get_access_token()
        stage.clock.advance(60)
        await connection.get_access_token()
        await until(connection, lambda: connection.snapshot.generation == 2)
        assert (await connection.get_access_token()).reveal() != refused.reveal()


@pytest.mark.usefixtures("no_look")
async def test_a_sign_out_here_ends_it_at_once(stage: Stage) -> None:
    """Whoever asks next is told that nobody is signed in."""
    async with stage.signed_in() as connection:
        await connection.get_access_token()
        await connection.sign_out()
        with pytest.raises(InteractionRequired):
            await connection.get_access_token()


@pytest.mark.usefixtures("no_look")
async def test_a_step_that_comes_meanwhile_is_not_overlooked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-out between the look and the token leaves nothing in hand, though the token was good when looked at."""
    async with stage.signed_in() as connection:
        held = account_of(connection)

        def overtaken(**fields: Any) -> InHand:
            monkeypatch.setattr(account, "InHand", InHand)
            held.post(events.SignedOutElsewhere(at=stage.clock()))
            return InHand(**fields)

        monkeypatch.setattr(account, "InHand", overtaken)
        await connection.get_access_token()
        with pytest.raises(InteractionRequired):
            await connection.get_access_token()


@pytest.mark.parametrize("change", ["sign-out", "refresh"])
async def test_another_process_is_noticed_within_a_second(stage: Stage, nursery: Nursery, change: str) -> None:
    """However often a token is asked for meanwhile."""
    async with stage.signed_in() as connection:
        old = (await connection.get_access_token()).reveal()
        with AppProcess(Path(stage.home), store="", nursery=nursery) as other:
            await anyio.to_thread.run_sync(other.do, change)
        with anyio.fail_after(lookout.LOOK_SECONDS + 1):
            while await token_or_none(connection) == old:
                await anyio.lowlevel.checkpoint()


async def token_or_none(connection: Connection) -> str | None:
    """The token, as long as there is one."""
    try:
        return (await connection.get_access_token()).reveal()
    except InteractionRequired:
        return None


def unexpected(**_: object) -> None:
    """What must not be called."""
    raise AssertionError("the account was looked at")
