"""Many processes of one app over one home, half of them on asyncio and half on trio."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from tests.support.app_process import AppProcess, Standing
from tests.support.world import World


class Crowd:
    """The running processes. Each has opened the account."""

    def __init__(self, apps: list[AppProcess]) -> None:
        self._apps = apps
        self.do("look")

    def do(self, command: str) -> list[Standing]:
        """Give all of them a command at once, and wait for all."""
        for app in self._apps:
            app.begin(command)
        return [app.finish() for app in self._apps]


@contextmanager
def crowd(world: World, *, size: int) -> Generator[Crowd]:
    """Until the end of the block."""
    with ExitStack() as stack:
        yield Crowd([stack.enter_context(world.app(runner)) for runner in ("asyncio", "trio") * (size // 2)])
