"""What happens in a play is read in order, as it comes, to the end."""

from functools import partial

import anyio
from anyio import to_thread

from signedin_adapters.web.board.reel import Happening, Reel


async def test_what_is_told_on_other_threads_is_read_in_order() -> None:
    """The reader waits for what is still to come."""
    reel, read = Reel(), list[Happening]()

    async def reading() -> None:
        read.extend([happening async for happening in reel.read()])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reading)
        for number in range(3):
            await to_thread.run_sync(partial(reel.tell, "step", words=str(number)))
        reel.end()
    assert read == [{"kind": "step", "words": str(number)} for number in range(3)]


async def test_nothing_comes_after_the_end() -> None:
    """Whatever is told late is nobody's."""
    reel = Reel()
    reel.tell("step", words="one")
    reel.end()
    reel.tell("step", words="two")
    assert [happening["words"] async for happening in reel.read()] == ["one"]
