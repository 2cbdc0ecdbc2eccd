"""Owns the steps that plays are made of: what somebody does with the app, and what the sandbox is told to play.

A step that comes to nothing raises what the app would meet; the play goes on all the same.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from signedin import Secret
from signedin.responses import ask, models
from signedin_adapters.sandbox import FAULTS
from signedin_adapters.sandbox.realm import API_KEY
from signedin_adapters.web.board.stage import PATIENCE_SECONDS, Stage

Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: a sentence that says what is done, and how."""

    words: str
    act: Act


# signing in and out -------------------------------------------------------------------------------------------------


async def _sign_in(stage: Stage, *, seconds: float = PATIENCE_SECONDS) -> None:
    await (await stage.connection()).sign_in(prompt=stage.browse, seconds=seconds)


async def _sign_in_by_code(stage: Stage) -> None:
    async with (await stage.connection()).authorize(device=True, seconds=PATIENCE_SECONDS) as attempt:
        await attempt.done()


async def _sign_in_by_key(stage: Stage) -> None:
    base = stage.sandbox.api_base
    stage.configure(f'[providers.keys]\nregistration = "api-key"\napi_base = "{base}"\n')
    await (await stage.connection()).sign_in_with_key(Secret(API_KEY))


async def _sign_in_as_another(stage: Stage) -> None:
    await (await stage.open(label="work", new=True)).sign_in(prompt=stage.browse, seconds=PATIENCE_SECONDS)


async def _sign_out(stage: Stage) -> None:
    await (await stage.connection()).sign_out()


SIGNS_IN = Step(words="Ada signs in with the browser.", act=_sign_in)
SIGNS_IN_AGAIN = Step(words="Ada signs in once more.", act=_sign_in)
SIGNS_IN_IN_A_HURRY = Step(words="Ada signs in; the app waits for two seconds.", act=partial(_sign_in, seconds=2.0))
SIGNS_IN_BY_CODE = Step(words="Ada signs in with a code that she types elsewhere.", act=_sign_in_by_code)
SIGNS_IN_BY_KEY = Step(words="Ada signs in with an API key.", act=_sign_in_by_key)
SIGNS_IN_AS_ANOTHER = Step(words="Ada adds an account, and signs in as herself.", act=_sign_in_as_another)
SIGNS_OUT = Step(words="Ada signs out.", act=_sign_out)


# using --------------------------------------------------------------------------------------------------------------


async def _refresh(stage: Stage) -> None:
    await (await stage.connection()).refresh()


async def _ask(stage: Stage, *, model: str | None = None) -> None:
    async with ask(await stage.connection(), "Hello", model=model) as answer:
        async for _ in answer:
            pass


async def _list_models(stage: Stage) -> None:
    await models(await stage.connection(), refresh=True)


async def _come_back_later(stage: Stage) -> None:
    stage.let_pass(2 * 3600)
    await (await stage.connection()).get_access_token()


async def _run_out(stage: Stage) -> None:
    stage.sandbox.expire_access_tokens()


async def _start_again(stage: Stage) -> None:
    await stage.start_again()


REFRESHES = Step(words="The app renews its session.", act=_refresh)
ASKS = Step(words="The app puts a question.", act=_ask)
ASKS_A_MODEL = Step(words="The app puts a question to a model.", act=partial(_ask, model="sandbox-large"))
LISTS_MODELS = Step(words="The app asks for the list of models.", act=_list_models)
COMES_BACK_LATER = Step(words="Two hours later the app needs a token.", act=_come_back_later)
TOKENS_RUN_OUT = Step(words="The access token runs out at the server.", act=_run_out)
STARTS_AGAIN = Step(words="The app is started again.", act=_start_again)


# what the sandbox is told -------------------------------------------------------------------------------------------


def strikes(name: str) -> Step:
    """The sandbox plays this fault: once, or at each request where it shows only then."""
    fault = FAULTS[name]

    async def arm(stage: Stage) -> None:
        stage.sandbox.faults.inject(name, None if fault.lasting else 1)

    return Step(words=f"The sandbox will play {name}: {fault.description}.", act=arm)
