"""The event loop behind plain calls: a Ctrl-C that does not wake the thread that calls is heard all the same."""

import signal
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import anyio
import pytest

from signedin.sync.event_loop import EventLoop, run

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="needs pthread_kill, which Windows has not")


@pytest.fixture(autouse=True)
def heard() -> Generator[None]:
    """Ctrl-C does what it does where nobody changed that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def interrupt() -> None:
    """Ctrl-C that wakes the loop's thread alone; then nothing happens any more."""
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    await anyio.sleep_forever()


@asynccontextmanager
async def interrupted_at_the_door() -> AsyncGenerator[None]:
    await interrupt()
    yield


def test_while_a_call_is_waited_for() -> None:
    """And the call is cancelled."""
    with pytest.raises(KeyboardInterrupt):
        run(interrupt)


def test_while_a_block_is_entered() -> None:
    """It may take a request to the provider before it is."""
    with pytest.raises(KeyboardInterrupt), EventLoop() as loop, loop.entered(interrupted_at_the_door()):
        pytest.fail("nobody came in")
