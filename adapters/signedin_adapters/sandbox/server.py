"""The sandbox as its users meet it: a realm with its application, run on 127.0.0.1 in a thread or in the foreground."""

import errno
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self

from starlette.applications import Starlette

from signedin_adapters.sandbox.application import application
from signedin_adapters.sandbox.loopback_server import LoopbackServer
from signedin_adapters.sandbox.parts import NATIVE
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.visitor import approve_device, visit

PREFERRED_PORT = 8765


@dataclass(kw_only=True, eq=False)
class Sandbox(Realm):
    """An authorization server and API on loopback; see `Realm` for the choices.

    ```python
    with Sandbox(access_ttl=5).running() as sandbox:
        sandbox.faults.inject("token-503")
        callback_url = sandbox.sign_in(authorize_url)
        sandbox.approve_device("WDJB-MJHT")
    ```
    Its state outlives a run: started again on the same port, it knows the registrations and grants it had.
    """

    app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.app = application(self)

    @contextmanager
    def running(self, port: int = 0, *, or_free_port: bool = False) -> Generator[Self]:
        """Serve from a daemon thread while the block runs; port 0 takes a free one.

        OSError if the port is taken, unless ``or_free_port``.
        """
        with _listen(port, or_free_port) as listener:
            self._port = listener.getsockname()[1]
            server = LoopbackServer(self.app)
            thread = Thread(target=server.run_on, args=(listener,), name="signedin-sandbox", daemon=True)
            thread.start()
            try:
                server.ready.wait()
                yield self
            finally:
                server.stop()
                thread.join()

    def sign_in(
        self,
        authorize_url: str,
        person: str = "ada",
        *,
        allow_plan: bool = True,
        deny: bool = False,
        workspace: str | None = None,
        agent_name: str | None = None,
    ) -> str:
        """Play the person at the browser, at the page of any part; returns the callback URL without opening it.

        Blocks on HTTP. Raises VisitRefused where the sandbox shows a refusal instead of redirecting.
        """
        return visit(
            authorize_url,
            person=person,
            allow_plan=allow_plan,
            deny=deny,
            workspace=workspace,
            agent_name=agent_name,
        )

    def approve_device(
        self, user_code: str, *, person: str = "ada", deny: bool = False, workspace: str | None = None
    ) -> None:
        """Play the person who types a device's code and decides, at the page of whoever waits for it.

        Blocks on HTTP. Raises VisitRefused where nobody waits for this code.
        """
        device = self.devices.typed(user_code)
        part = NATIVE if device is None else device.request.part
        approve_device(self.url + part.device_page, user_code=user_code, person=person, deny=deny, workspace=workspace)


def serve(
    sandbox: Sandbox,
    *,
    port: int = PREFERRED_PORT,
    or_free_port: bool = True,
    on_ready: Callable[[Sandbox], None] | None = None,
    stop: Event | None = None,
) -> None:
    """Serve in the foreground until Ctrl-C or ``stop``; on a free port if this one is taken.

    Without ``or_free_port``, a port that is taken is an OSError. ``on_ready`` is called once connections are accepted.
    Installs no signal handler: KeyboardInterrupt, raised in the caller's main thread, ends it cleanly.
    """
    stop = stop or Event()
    with sandbox.running(port=port, or_free_port=or_free_port):
        try:
            if on_ready is not None:
                on_ready(sandbox)
            # On Windows, a wait without an end does not see Ctrl-C.
            while not stop.wait(timeout=1.0):
                pass
        except KeyboardInterrupt:
            return


def _listen(port: int, or_free_port: bool) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        if not or_free_port or error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
    return socket.create_server(("127.0.0.1", 0))
