"""Owns the listener's rules: who is answered, what counts as the callback, and what the browser is told in the end.

How one sign-in passes:

    GET /                    → 303 to the authorization URL, while somebody waits
    GET /auth/callback?…     → judged; the first that is ours ends the wait, at once and for good → 303 /done
    GET /done                → held until `finish`, then says how it ended

So the address with the code is left at once, without a script; the page that stays can be reloaded and tells of
success only after the commit. Everything that is not ours is answered and changes nothing, however often it comes.
Conflicts: a second callback finds the first one's mark and gets 400; a newcomer finds every place taken and the
longest idle connection goes; a listener that closes unfinished tells the browser that it did not finish.
"""

import errno
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import anyio
from anyio.abc import SocketListener, SocketStream, TaskGroup

from signedin.oauth.callback import Callback, CallbackRejected
from signedin_adapters.loopback.binding import bind
from signedin_adapters.loopback.exchange import Answer, Exchange, Request, TlsSpoken, Unreadable
from signedin_adapters.loopback.page import Pages, plain, redirect

CONNECTIONS = 16
PATIENCE = 50
"""Rejected callbacks that get a whole page each; later ones get a line."""
_DONE_PATH = "/done"
_COMING_SECONDS = 2.0
_SENDING_SECONDS = 0.5
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class LoopbackListener:
    """A bound listener (`signedin.ports.Listener`). `rejected` counts the callbacks that were not ours."""

    def __init__(self, *, host: str, port: int, path: str, app_name: str) -> None:
        self.redirect_uri = f"http://{host}:{port}{path}"
        self.short_url = f"http://{host}:{port}/"
        self.rejected = 0
        self._authority, self._path, self._app_name = f"{host}:{port}", path, app_name
        self._pages = Pages(app_name)
        self._seats: list[_Seat] = []
        self._authorize_url = ""
        self._judge: Callable[[str], Callback] | None = None
        self._callback: Callback | None = None
        self._accepted_at = 0.0
        self._accepted, self._finished, self._told = anyio.Event(), anyio.Event(), anyio.Event()
        self._outcome: Answer | None = None

    async def wait(self, *, authorize_url: str, judge: Callable[[str], Callback]) -> Callback:
        """Give the first callback that `judge` accepts. Never ends by itself: the caller sets the deadline."""
        self._authorize_url, self._judge = authorize_url, judge
        try:
            while self._callback is None:
                await self._accepted.wait()
            return self._callback
        finally:
            self._judge = None

    async def finish(self, *, ok: bool, title: str, text: str) -> None:
        """Tell the waiting browser how it ended, and wait a moment until it was told. The first outcome stands."""
        if self._outcome is None:
            self._outcome = self._pages.outcome(ok=ok, title=title, text=text)
            self._finished.set()
        if self._callback is not None:
            deadline = max(self._accepted_at + _COMING_SECONDS, anyio.current_time() + _SENDING_SECONDS)
            with anyio.CancelScope(deadline=deadline):
                await self._told.wait()

    async def close(self) -> None:
        """Nothing more will be accepted; a browser that still waits is told so."""
        self._judge = None
        if self._outcome is None:
            title, text = "The sign-in did not finish", f"{self._app_name} stopped waiting. Start again from there."
            with anyio.CancelScope(shield=True):
                await self.finish(ok=False, title=title, text=text)

    async def serve(self, sockets: Sequence[SocketListener], scope: anyio.CancelScope) -> None:
        """Answer on all `sockets` until `scope` is cancelled."""
        with scope:
            async with anyio.create_task_group() as tasks:
                for each in sockets:
                    tasks.start_soon(self._accept, each, tasks)

    async def _accept(self, socket: SocketListener, tasks: TaskGroup) -> None:
        while True:
            try:
                stream = await socket.accept()
            except OSError as error:
                # A connection that died in the queue, or no descriptor for it: neither may end the listening.
                await anyio.sleep(0.1 if error.errno in _EXHAUSTED else 0)
            else:
                tasks.start_soon(self._converse, stream)

    async def _converse(self, stream: SocketStream) -> None:
        async with stream:
            with self._seat() as seat:
                try:
                    await self._exchange(Exchange(stream), seat)
                except (OSError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return

    @contextmanager
    def _seat(self) -> Generator["_Seat"]:
        if len(self._seats) >= CONNECTIONS:
            displaced = next((seat for seat in self._seats if seat.idle), self._seats[0])
            self._seats.remove(displaced)
            displaced.scope.cancel()
        seat = _Seat()
        self._seats.append(seat)
        with seat.scope:
            try:
                yield seat
            finally:
                if seat in self._seats:
                    self._seats.remove(seat)

    async def _exchange(self, exchange: Exchange, seat: "_Seat") -> None:
        try:
            request = await exchange.read()
        except TlsSpoken:
            return  # the browser made https of the address: no answer of ours would be read
        except Unreadable as error:
            answer = plain(error.status, "This is no request that can be answered here.")
        else:
            seat.idle = False
            answer = await self._respond(request)
        await exchange.answer(answer)
        if answer is self._outcome:
            self._told.set()
        seat.idle = True
        await exchange.drain()

    async def _respond(self, request: Request) -> Answer:
        """What `request` gets. Host, path and method are compared as sent: nothing is decoded or normalised."""
        if request.host != self._authority:
            return plain(421, f"This is {self._authority} alone.")
        target = (request.path, request.query is not None)
        if target not in {("/", False), (_DONE_PATH, False)} and request.path != self._path:
            return self._pages.idle()
        if request.method != "GET":
            return plain(405, "GET alone.", ("Allow", "GET"))
        if target == ("/", False):
            return self._start()
        if request.path == self._path:
            return self._receive(request.query or "")
        return await self._done()

    def _start(self) -> Answer:
        return self._pages.idle() if self._judge is None else redirect(self._authorize_url)

    def _receive(self, query: str) -> Answer:
        """Judge one callback. Nothing is awaited here, so of two at once exactly one is first."""
        if self._callback is not None:
            return self._pages.used()
        if self._judge is None:
            return self._pages.idle()
        try:
            self._callback = self._judge(query)
        except CallbackRejected:
            self.rejected += 1
            return self._pages.rejected() if self.rejected <= PATIENCE else plain(400, "Not what is waiting here.")
        self._accepted_at = anyio.current_time()
        self._accepted.set()
        return redirect(_DONE_PATH)

    async def _done(self) -> Answer:
        if self._callback is None:
            return self._pages.idle()
        await self._finished.wait()
        return self._outcome or self._pages.idle()


class _Seat:
    """One of the places for connections. An idle one may be given to a newcomer."""

    def __init__(self) -> None:
        self.scope = anyio.CancelScope()
        self.idle = True


@asynccontextmanager
async def listen(*, host: str, ports: Sequence[int], path: str, app_name: str) -> AsyncGenerator[LoopbackListener]:
    """Listen on the first free port of `ports` for as long as the block lasts (`signedin.ports.Listen`).

    Raises SignInFailed where no port can be had. What the block raises comes out as it is.
    """
    sockets = bind(host, ports)
    listener = LoopbackListener(host=host, port=sockets[0].getsockname()[1], path=path, app_name=app_name)
    failure: BaseException | None = None
    async with AsyncExitStack() as stack:
        bound = [await stack.enter_async_context(await SocketListener.from_socket(sock)) for sock in sockets]
        async with anyio.create_task_group() as tasks:
            # Shielded, so that a cancelled caller's browser is still told.
            serving = anyio.CancelScope(shield=True)
            tasks.start_soon(listener.serve, bound, serving)
            try:
                yield listener
            except anyio.get_cancelled_exc_class():
                raise
            except BaseException as error:  # noqa: BLE001 - it is raised below, where no task group wraps it
                failure = error
            finally:
                await listener.close()
                serving.cancel()
    if failure is not None:
        raise failure
