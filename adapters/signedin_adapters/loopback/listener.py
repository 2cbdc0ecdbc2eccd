"""Owns the listener's rules: who is answered, what counts as the callback, and what the browser is told in the end.

How one sign-in passes:

    GET /                    → 303 to the authorization URL, while somebody waits
    GET /auth/callback?…     → judged; the first that is ours ends the wait, at once and for good → 303 /done
    GET /done                → held until `finish`, then says how it ended
    POST /cancel             → with the note's secret: our next sign-in wants the port (`takeover`)

So the address with the code is left at once, without a script; the page that stays can be reloaded and tells of
success only after the commit. Everything that is not ours is answered and changes nothing, however often it comes.
Conflicts: a second callback finds the first one's mark and gets 400; a newcomer finds every place taken and the
longest idle connection goes; a listener that closes unfinished tells the browser that it did not finish. Asked for its
port, it gives it up at once and its wait fails; with a callback in hand it keeps it until the browser was told.
"""

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from secrets import compare_digest

import anyio
from anyio.abc import SocketListener, SocketStream, TaskGroup, TaskStatus

from signedin.errors import SignInFailed
from signedin.oauth.callback import Callback, CallbackRejected
from signedin.secret import Secret
from signedin_adapters.loopback import note, takeover
from signedin_adapters.loopback.exchange import Answer, Exchange, Request, TlsSpoken, Unreadable
from signedin_adapters.loopback.page import Pages, plain, redirect

CONNECTIONS = 16
PATIENCE = 50
"""Rejected callbacks that get a whole page each; later ones get a line."""
_DONE_PATH = "/done"
_COMING_SECONDS = 2.0
_SENDING_SECONDS = 0.5
_ACCEPT_PAUSE_SECONDS = 0.05


class LoopbackListener:
    """A bound listener (`signedin.ports.Listener`). `rejected` counts the callbacks that were not ours."""

    def __init__(self, *, host: str, port: int, path: str, app_name: str, secret: Secret) -> None:
        self.redirect_uri = f"http://{host}:{port}{path}"
        self.short_url = f"http://{host}:{port}/"
        self.rejected = 0
        self._authority, self._path, self._app_name = f"{host}:{port}", path, app_name
        self._pages = Pages(app_name)
        self._seats: list[_Seat] = []
        self._authorize_url = ""
        self._judge: Callable[[str], Callback] | None = None
        self._astray: Callable[[str], None] = lambda _: None
        self._callback: Callback | None = None
        self._accepted_at = 0.0
        self._decided, self._finished, self._told = anyio.Event(), anyio.Event(), anyio.Event()
        self._outcome: Answer | None = None
        self._secret = secret
        self._listening, self._over = anyio.CancelScope(), False

    async def wait(
        self, *, authorize_url: str, judge: Callable[[str], Callback], astray: Callable[[str], None]
    ) -> Callback:
        """Give the first callback that `judge` accepts. Never ends by itself: the caller sets the deadline.

        Of a browser that speaks TLS here `astray` is told. Raises SignInFailed(case="port-in-use-own-attempt") once
        another sign-in took the port.
        """
        self._authorize_url, self._judge, self._astray = authorize_url, judge, astray
        try:
            await self._decided.wait()
        finally:
            self._judge = None
        if self._callback is None:
            raise SignInFailed("Another sign-in took the place of this one.", case="port-in-use-own-attempt")
        return self._callback

    async def finish(self, *, ok: bool, title: str, text: str) -> None:
        """Tell the waiting browser how it ended, and wait a moment until it was told. The first outcome stands."""
        if self._outcome is None:
            self._outcome = self._pages.outcome(ok=ok, title=title, text=text)
            self._finished.set()
        if self._callback is not None:
            deadline = max(self._accepted_at + _COMING_SECONDS, anyio.current_time() + _SENDING_SECONDS)
            with anyio.CancelScope(deadline=deadline):
                await self._told.wait()
        self._over = True

    async def close(self) -> None:
        """Nothing more will be accepted; a browser that still waits is told so."""
        self._judge = None
        if self._outcome is None:
            title, text = "The sign-in did not finish", f"{self._app_name} stopped waiting. Start again from there."
            with anyio.CancelScope(shield=True):
                await self.finish(ok=False, title=title, text=text)

    async def serve(
        self,
        sockets: Sequence[SocketListener],
        left: AbstractContextManager[object],
        scope: anyio.CancelScope,
        *,
        task_status: TaskStatus[None],
    ) -> None:
        """Answer on all `sockets` until `scope` is cancelled or the port is given up; `left` is the note about it."""
        with scope:
            async with anyio.create_task_group() as tasks:
                with left, self._listening:
                    task_status.started()
                    async with anyio.create_task_group() as accepting:
                        for each in sockets:
                            accepting.start_soon(self._accept, each, tasks)
                # The note is gone by now: whoever has the port next leaves one of its own.
                for each in sockets:
                    await each.aclose()

    async def _accept(self, socket: SocketListener, tasks: TaskGroup) -> None:
        while True:
            try:
                stream = await socket.accept()
            except (OSError, anyio.BrokenResourceError):  # the latter is what anyio makes of the former on trio
                # A connection that died in the queue, or no descriptor for it: neither may end the listening.
                await anyio.sleep(_ACCEPT_PAUSE_SECONDS)
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
        except TlsSpoken:  # the browser made https of the address: no answer of ours would be read
            if self._judge is not None:
                self._astray("callback-upgraded-to-https")
            return
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
        if request.path == takeover.PATH and request.method == "POST" and self._knows(request.bearer):
            return self._make_way()
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
        self._decided.set()
        return redirect(_DONE_PATH)

    async def _done(self) -> Answer:
        if self._callback is None:
            return self._pages.idle()
        await self._finished.wait()
        return self._outcome or self._pages.idle()

    def _knows(self, bearer: Secret | None) -> bool:
        """Whether it is the note's secret; the comparison takes the same time for all that are as long."""
        return bearer is not None and compare_digest(bearer.reveal().encode(), self._secret.reveal().encode())

    def _make_way(self) -> Answer:
        """Give the port up, unless the browser has answered and is still to be told how that ended."""
        if self._callback is not None and not self._over:
            return plain(409, "The browser came back already.")
        self._listening.cancel()
        self._decided.set()
        return plain(200, "The port is free.")


class _Seat:
    """One of the places for connections. An idle one may be given to a newcomer."""

    def __init__(self) -> None:
        self.scope = anyio.CancelScope()
        self.idle = True


@asynccontextmanager
async def listen(
    *, host: str, ports: Sequence[int], path: str, app_name: str, home: str | None = None
) -> AsyncGenerator[LoopbackListener]:
    """Listen on the first port of `ports` that can be had, for as long as the block lasts (`signedin.ports.Listen`).

    Sign-ins with the same `home` give a fixed port up for each other. Raises SignInFailed where no port can be had.
    What the block raises comes out as it is.
    """
    sockets = await takeover.take(host, ports, home=home)
    port = sockets[0].getsockname()[1]
    failure: BaseException | None = None
    async with AsyncExitStack() as stack:
        for sock in sockets:
            stack.enter_context(sock)
        left = stack.enter_context(ExitStack())
        # Before anything is awaited: who finds the port taken looks for it. Nobody needs one that the system chose.
        secret = left.enter_context(note.left(home if port in ports else None, port=port, authority=f"{host}:{port}"))
        listener = LoopbackListener(host=host, port=port, path=path, app_name=app_name, secret=secret)
        bound = [await stack.enter_async_context(await SocketListener.from_socket(sock)) for sock in sockets]
        async with anyio.create_task_group() as tasks:
            # Shielded, so that a cancelled caller's browser is still told.
            serving = anyio.CancelScope(shield=True)
            with anyio.CancelScope(shield=True):  # given up half started, it would never end behind its own shield
                await tasks.start(listener.serve, bound, left, serving)
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
