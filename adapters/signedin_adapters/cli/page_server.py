"""Owns serving the page: uvicorn on a socket of ours, ended at once by the signals that end a command."""

import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

_ENDINGS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class PageServer(uvicorn.Server):
    """Its handlers are its own methods, by which the page sees that it is about to stop."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """While the block runs. uvicorn raises them again afterwards; here they are the usual end."""
        endings = [getattr(signal, name) for name in _ENDINGS if hasattr(signal, name)]
        before = {ending: signal.signal(ending, self.handle_exit) for ending in endings}
        try:
            yield
        finally:
            for ending, handler in before.items():
                signal.signal(ending, handler)


async def serve(page: ASGIApp, listener: socket.socket) -> None:
    """Serve on this listener until a signal; what still streams then is cut off."""
    config = uvicorn.Config(
        page,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=0,
    )
    await PageServer(config).serve(sockets=[listener])
