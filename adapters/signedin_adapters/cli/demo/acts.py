"""Owns the acts of the demo: what each shows, why it matters, and what is done for it. In the order of a day."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from shutil import copytree

from signedin import Connection, ConnectionFailed
from signedin.responses import models
from signedin_adapters.cli.demo.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: its title, one sentence that says what is shown and why it matters, and how it is played."""

    title: str
    sentence: str
    play: Callable[[Stage], Awaitable[None]]


async def _sign_in(stage: Stage) -> None:
    heading = await stage.sign_in()
    email = stage.connection.snapshot.email
    stage.say(f"The browser shows “{heading}”. Signed in as {email}, who allowed this app to use the plan.")


async def _choose(stage: Stage) -> None:
    catalogue = await models(stage.connection)
    chosen = catalogue.models[-1]
    stage.connection.use_model(chosen.id)
    stage.say(f"Offered: {', '.join(model.name for model in catalogue.models)}. Chosen: {chosen.name}.")


async def _ask(stage: Stage) -> None:
    await stage.ask("Who can read this?")


async def _run_out(stage: Stage) -> None:
    before = stage.connection.snapshot.generation
    stage.sandbox.expire_access_tokens()
    await stage.ask("And now?")
    after = stage.connection.snapshot.generation
    stage.say(f"Refused once, refreshed, sent again: the session went from generation {before} to {after}.")


async def _outage(stage: Stage) -> None:
    stage.sandbox.faults.inject("token-503")
    with suppress(ConnectionFailed):
        await stage.connection.refresh()
    stage.say("The refresh failed, and the connection says why. Its access token still lives, so work goes on:")
    await models(stage.connection)
    stage.say("The refresh token may be spent, so it is left alone until the access token ends. Then all is well:")
    stage.sandbox.expire_access_tokens()
    await models(stage.connection)
    stage.show()


async def _spent_twice(stage: Stage) -> None:
    stage.say("A copy of the files, as from a backup, refreshes first:")
    await _refresh_in_a_copy(stage)
    stage.say("Then this connection spends the same token, and the server ends the session for safety:")
    with suppress(ConnectionFailed):
        await stage.connection.refresh()
    stage.case()


async def _refresh_in_a_copy(stage: Stage) -> None:
    snapshot = stage.connection.snapshot
    home = copytree(stage.home, f"{stage.home}-copy")
    async with Connection.open(app_name=snapshot.app, account=snapshot.label, store="file", home=home) as copy:
        await copy.refresh()


async def _sign_in_again(stage: Stage) -> None:
    await stage.sign_in()
    stage.say(f"{stage.connection.snapshot.email} again, under the same registration and with the chosen model.")


async def _sign_out(stage: Stage) -> None:
    token = await stage.connection.get_access_token()
    confirmed = await stage.connection.sign_out()
    stage.say("The server confirmed it." if confirmed else "The server did not confirm it.")
    status = await stage.try_token(token)
    stage.say(f"The access token of a moment ago, tried by hand, is answered {status}. No token is left on disk.")


ACTS = (
    Act(
        title="Sign in",
        sentence="The password stays between browser and server: what comes back is a code that this app alone can "
        "redeem.",
        play=_sign_in,
    ),
    Act(
        title="Choose a model",
        sentence="The list is the account's own, so nothing is offered that the plan would refuse.",
        play=_choose,
    ),
    Act(
        title="Ask",
        sentence="The answer is streamed, and counts only once the server says that it is complete.",
        play=_ask,
    ),
    Act(
        title="The access token runs out",
        sentence="It is renewed on the way and the question is sent again, so nobody notices.",
        play=_run_out,
    ),
    Act(
        title="The server fails",
        sentence="A 503 says nothing about the session, so nothing is thrown away and nobody is signed out.",
        play=_outage,
    ),
    Act(
        title="A refresh token is spent twice",
        sentence="This does end a session; the connection names the reason and the way out.",
        play=_spent_twice,
    ),
    Act(
        title="Sign in again",
        sentence="The account outlives its session, so the app comes back as the one that it was.",
        play=_sign_in_again,
    ),
    Act(
        title="Sign out",
        sentence="The session is revoked at the server too, so that no copy of a token is worth anything.",
        play=_sign_out,
    ),
)
