"""Owns `ask`: one question to one model, under the rules that hold for plan use.

Each request says `store: false` and `stream: true`, and has its input as a list. It holds no other field but the
instructions, where the API takes no question without.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from types import TracebackType
from typing import Any

from signedin.auth import call_name
from signedin.connection import Connection, account_of
from signedin.responses import api_request
from signedin.responses.answer import Answer
from signedin.responses.catalogue import models

START_SECONDS = 60.0
"""How long the answer may take to begin."""


class Question:
    """What `ask` gives: `await` it for the whole text, or enter it for the answer as it comes."""

    def __init__(self, asked: AbstractAsyncContextManager[Answer]) -> None:
        self._asked = asked

    def __await__(self) -> Generator[Any, Any, str]:
        return self._whole().__await__()

    async def __aenter__(self) -> Answer:
        return await self._asked.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._asked.__aexit__(kind, error, traceback)

    async def _whole(self) -> str:
        async with self as answer:
            async for _ in answer:
                pass
            return answer.text


def ask(connection: Connection, prompt: str, *, model: str | None = None) -> Question:
    """Ask, `POST {api_base}/responses`: `await` it, or use it in `async with`; leaving the block early ends the answer.

    Without `model` it is the account's chosen one, else the first that is listed. A model given is sent as it is.
    Raises what `Connection.get_access_token` raises; ConnectionFailed where plan use is off, and then nothing is sent;
    UnknownModel where the provider refuses the model; TransportFailed and AnswerRefused with their case;
    ConfigurationError where the provider has no API.
    """
    return Question(_answered(connection, prompt, model))


@asynccontextmanager
async def _answered(connection: Connection, prompt: str, model: str | None) -> AsyncGenerator[Answer]:
    account = account_of(connection)
    chosen = model or account.record.model or (await models(connection)).models[0].id
    body = _body(prompt, chosen, account.provider.api.instructions)
    sent = api_request.sent(connection, "POST", "/responses", seconds=START_SECONDS, json=body)
    async with AsyncExitStack() as asked:
        with account.failures.noted(call_name("POST")):
            response = await asked.enter_async_context(sent)
        yield await asked.enter_async_context(aclosing(Answer(response, account, model=chosen)))


def _body(prompt: str, model: str, instructions: str | None) -> dict[str, object]:
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": prompt}]}
    body: dict[str, object] = {"model": model, "input": [message], "store": False, "stream": True}
    return body if instructions is None else body | {"instructions": instructions}
