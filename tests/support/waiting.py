"""A listener with somebody waiting at it, who knows one good state."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup, TaskStatus

from signedin.errors import SignInFailed
from signedin.oauth.callback import Callback
from signedin.testing.listen_contract import AUTHORIZE_URL, PATH, judge
from signedin_adapters.loopback import LoopbackListener, listen

OURS = f"{PATH}?code=the-code&state=good"
FORGED = f"{PATH}?code=evil&state=guessed"


@dataclass(slots=True, kw_only=True)
class Waiting:
    """The listener, its port, what `wait` has given so far, what came astray, and the case that it failed with."""

    listener: LoopbackListener
    port: int
    tasks: TaskGroup
    callbacks: list[Callback] = field(default_factory=list[Callback])
    astray: list[str] = field(default_factory=list[str])
    arrived: anyio.Event = field(default_factory=anyio.Event)
    case: str | None = None

    async def finish(self) -> None:
        await self.listener.finish(ok=True, title="You are signed in", text="As ada@example.org.")


def port_of(listener: LoopbackListener) -> int:
    return int(listener.short_url.rstrip("/").rpartition(":")[2])


@asynccontextmanager
async def waiting(
    *,
    host: str = "127.0.0.1",
    ports: Sequence[int] = (0,),
    home: str | None = None,
    judging: Callable[[str], Callback] = judge,
) -> AsyncGenerator[Waiting]:
    opened = listen(host=host, ports=ports, path=PATH, app_name="Acme Notes", home=home)
    async with opened as listener, anyio.create_task_group() as tasks:
        here = Waiting(listener=listener, port=port_of(listener), tasks=tasks)
        await tasks.start(_wait, here, judging)
        yield here
        tasks.cancel_scope.cancel()


async def _wait(
    here: Waiting, judging: Callable[[str], Callback], *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    task_status.started()
    try:
        wait = here.listener.wait(authorize_url=AUTHORIZE_URL, judge=judging, astray=here.astray.append)
        here.callbacks.append(await wait)
    except SignInFailed as failed:
        here.case = failed.case
    here.arrived.set()
