"""uvicorn on a socket of ours: ready is an event, stopping is an event, and nothing is left open.

Runs its own asyncio loop in whatever thread calls `run_on`. It installs no signal handler there and configures no
logging.
"""

import asyncio
import socket
import threading
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol


class LoopbackProtocol(H11Protocol):
    """HTTP/1.1 that lets the application see its transport, so that a fault can close the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand the transport on as ``request.state.transport``."""
        # asyncio does this only for sockets that name TCP as their protocol; without it each answer waits 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}

    def abort_unfinished(self) -> None:
        """End the connection if its request has no whole answer yet."""
        if getattr(self.cycle, "response_complete", True) is False:  # None before the first request
            self.transport.abort()


class LoopbackServer(uvicorn.Server):
    """A server that is started on a listening socket and stopped from another thread."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app,
            http=LoopbackProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
        )
        super().__init__(config)
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def run_on(self, listener: socket.socket) -> None:
        """Serve until `stop`; sets ``ready`` once connections are accepted, or once that has failed."""
        try:
            asyncio.run(self._serve(sockets=[listener]))
        finally:
            self.ready.set()

    def stop(self) -> None:
        """Ask the server to end; safe from any thread, and after its end."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, then say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait for `stop` instead of looking for it ten times a second."""
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what hangs before waiting for what ends by itself."""
        for connection in tuple(self.server_state.connections):
            cast(LoopbackProtocol, connection).abort_unfinished()
        await super().shutdown(sockets)
