"""Owns models, asking and usage for threads: `signedin.responses`, waited for."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Self

from signedin import responses
from signedin.responses import Catalogue, Usage, asking
from signedin.responses.transcript import Status
from signedin.sync.connection import Connection, connection_of
from signedin.sync.event_loop import EventLoop, run


class Answer:
    """Iterate over it for the text, piece by piece; what it says and raises is `signedin.responses.Answer`'s."""

    def __init__(self, answer: responses.Answer, loop: EventLoop) -> None:
        self._answer, self._loop = answer, loop

    @property
    def text(self) -> str:
        """The whole text so far."""
        return self._answer.text

    @property
    def status(self) -> Status:
        """How far it is: "in_progress", "completed", "incomplete" or "failed"."""
        return self._answer.status

    @property
    def model(self) -> str:
        """The model that answers."""
        return self._answer.model

    @property
    def request_id(self) -> str | None:
        """What the provider calls the request."""
        return self._answer.request_id

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        piece = self._loop.run(self._next)
        if piece is None:
            raise StopIteration
        return piece

    async def _next(self) -> str | None:
        return await anext(self._answer, None)


class Question:
    """What `ask` gives: its `text()` is the whole answer; entered, it is the answer as it comes."""

    def __init__(self, ask: Callable[[], asking.Question]) -> None:
        self._ask, self._asked = ask, ExitStack()

    def text(self) -> str:
        """Ask, and wait for the whole text."""
        return run(self._whole)

    def __enter__(self) -> Answer:
        with ExitStack() as asked:
            loop = asked.enter_context(EventLoop())
            answer = Answer(asked.enter_context(loop.entered(self._ask())), loop)
            self._asked = asked.pop_all()
        return answer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._asked.__exit__(kind, error, traceback)

    async def _whole(self) -> str:
        return await self._ask()


def ask(connection: Connection, prompt: str, *, model: str | None = None) -> Question:
    """Ask, and take the `text()`, or enter it with `with`. See `signedin.responses.ask`, also for what is raised."""
    return Question(partial(responses.ask, connection_of(connection), prompt, model=model))


def models(connection: Connection, *, refresh: bool = False) -> Catalogue:
    """The account's models. See `signedin.responses.models`, also for what is raised."""
    return run(partial(responses.models, connection_of(connection), refresh=refresh))


def usage(connection: Connection) -> Usage | None:
    """What is left of the plan's limits. See `signedin.responses.usage`, also for what is raised."""
    return run(partial(responses.usage, connection_of(connection)))
