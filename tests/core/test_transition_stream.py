"""Transitions for an async reader: in order, bounded, and over when it is closed."""

import threading

import anyio
from tests.core.test_listeners import transition
from tests.support.recorded import Recorded
from tests.support.stage import PATIENCE, Stage

from signedin.listeners import Listeners
from signedin.states import State
from signedin.transition_stream import BUFFERED, TransitionStream


def stream_of(listeners: Listeners) -> TransitionStream:
    """A reader's stream."""
    return TransitionStream(listeners.add)


async def test_transitions_of_any_thread_are_read_in_order() -> None:
    """Whatever thread made them."""
    listeners = Listeners(Recorded())
    stream = stream_of(listeners)

    def tell() -> None:
        for generation in range(100):
            listeners.tell(transition(generation))

    threading.Thread(target=tell).start()
    with anyio.fail_after(PATIENCE):
        assert [(await anext(stream)).generation for _ in range(100)] == list(range(100))
    assert stream.missed == 0
    await stream.aclose()


async def test_who_falls_behind_loses_the_oldest_and_is_told_how_many() -> None:
    """Nobody waits for a slow reader, and nothing grows without bound."""
    listeners = Listeners(Recorded())
    stream = stream_of(listeners)
    for generation in range(BUFFERED + 10):
        listeners.tell(transition(generation))
    assert stream.missed == 10
    assert (await anext(stream)).generation == 10
    await stream.aclose()


async def test_closed_it_ends_after_what_was_buffered() -> None:
    """Also for a reader that is waiting."""
    listeners = Listeners(Recorded())
    stream = stream_of(listeners)
    read: list[int] = []

    async def read_all() -> None:
        read.extend([each.generation async for each in stream])

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read_all)
            listeners.tell(transition(1))
            await anyio.lowlevel.checkpoint()
            listeners.tell(transition(2))
            stream.close()
            stream.close()
    assert read == [1, 2]


async def test_closing_the_connection_ends_its_streams(stage: Stage) -> None:
    """An `async for` in another task comes to its end."""
    seen: list[State] = []
    connection = await stage.open()

    async def read() -> None:
        seen.extend([each.state async for each in connection.transitions()])

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await connection.sign_in()
            await connection.aclose()
    assert State.CONNECTED in seen
