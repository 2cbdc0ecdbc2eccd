"""Owns the contract of `signedin.ports.Listen` as a suite: subclass it, give it a listener, and pytest runs it.

    class TestMyListener(ListenContract):
        @pytest.fixture
        def listen(self) -> Listen:
            return my_listen

A browser of the suite's own goes to it, by real sockets on 127.0.0.1. It proves nothing about other people's requests.
"""

import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest

from signedin.errors import SignInFailed
from signedin.oauth.callback import Callback, CallbackRejected, CodeReceived
from signedin.ports import Listen, Listener
from signedin.secret import Secret
from signedin.testing.event_loops import OnEachLoop, Run
from signedin.testing.free_ports import free_ports
from signedin.testing.no_tls import no_tls

AUTHORIZE_URL = "https://id.example/authorize?client_id=acme&state=good"
PATH = "/auth/callback"
OURS = "code=the-code&state=good"
FORGED = "code=evil&state=guessed"
CLIENT_HELLO = bytes.fromhex("1603010200010001fc0303") + bytes(501)
_PATIENCE = 10.0


def judge(query: str) -> Callback:
    """Accept what carries the good state, as an attempt would."""
    fields = parse_qs(query)
    if fields.get("state") != ["good"]:
        raise CallbackRejected("Another sign-in's answer.", reason="state")
    return CodeReceived(code=Secret(fields["code"][0]), client_id="acme")


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A listener at which somebody waits: what came of it, what it said went astray, and the case that it ended with.

    `judged` are the queries that it asked about.
    """

    listener: Listener
    callback: Callback | None = None
    case: str | None = None
    astray: list[str] = field(default_factory=list[str])
    judged: list[str] = field(default_factory=list[str])
    over: anyio.Event = field(default_factory=anyio.Event)

    @property
    def port(self) -> int:
        """The port of its redirect_uri."""
        return urlsplit(self.listener.redirect_uri).port or 0

    async def wait(self) -> None:
        """Wait at the listener."""

        def judged(query: str) -> Callback:
            self.judged.append(query)
            return judge(query)

        try:
            wait = self.listener.wait(authorize_url=AUTHORIZE_URL, judge=judged, astray=self.astray.append)
            self.callback = await wait
        except SignInFailed as failed:
            self.case = failed.case
        self.over.set()


@asynccontextmanager
async def waiting(listen: Listen, ports: Sequence[int] = (0,)) -> AsyncGenerator[Waiting]:
    """Somebody waits for the length of the block."""
    async with listen(host="127.0.0.1", ports=ports, path=PATH, app_name="Acme Notes") as listener:
        here = Waiting(listener=listener)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.wait)
            yield here
            tasks.cancel_scope.cancel()


async def browse(url: str, *, follow: bool = False) -> httpx.Response:
    """Open an address as a browser does."""
    async with httpx.AsyncClient(verify=no_tls(), trust_env=False, follow_redirects=follow, timeout=_PATIENCE) as here:
        return await here.get(url)


class ListenContract(OnEachLoop):
    """What every listener must do. A subclass overrides the fixture `listen`."""

    @pytest.fixture
    def listen(self) -> Listen:
        """What opens a listener; all that it opens belong to one user."""
        raise NotImplementedError("override the fixture `listen`")

    def test_it_is_ready_before_any_browser_opens(self, listen: Listen, run: Run) -> None:
        """With the real port in its addresses."""

        async def test() -> None:
            async with listen(host="127.0.0.1", ports=(0,), path=PATH, app_name="Acme Notes") as listener:
                port = urlsplit(listener.redirect_uri).port
                assert port
                assert listener.redirect_uri == f"http://127.0.0.1:{port}{PATH}"
                assert listener.short_url == f"http://127.0.0.1:{port}/"
                await (await anyio.connect_tcp("127.0.0.1", port)).aclose()

        run(test)

    def test_the_short_address_leads_to_the_authorization_request(self, listen: Listen, run: Run) -> None:
        """Once somebody waits."""

        async def test() -> None:
            async with waiting(listen) as here:
                await anyio.wait_all_tasks_blocked()
                assert (await browse(here.listener.short_url)).headers["location"] == AUTHORIZE_URL

        run(test)

    def test_the_first_callback_that_is_accepted_ends_the_wait(self, listen: Listen, run: Run) -> None:
        """The judge is given the raw query, and the caller what the judge made of it."""

        async def test() -> None:
            async with waiting(listen) as here, anyio.create_task_group() as tasks:
                tasks.start_soon(partial(browse, f"{here.listener.redirect_uri}?{OURS}", follow=True))
                with anyio.fail_after(_PATIENCE):
                    await here.over.wait()
                assert here.judged == [OURS]
                assert here.callback == CodeReceived(code=Secret("the-code"), client_id="acme")
                await here.listener.finish(ok=True, title="Done", text="As Ada.")

        run(test)

    def test_what_is_rejected_is_answered_and_changes_nothing(self, listen: Listen, run: Run) -> None:
        """With a 400, however often it comes; then the real one is still taken."""

        async def test() -> None:
            async with waiting(listen) as here, anyio.create_task_group() as tasks:
                for _ in range(3):
                    assert (await browse(f"{here.listener.redirect_uri}?{FORGED}")).status_code == 400
                assert not here.over.is_set()
                tasks.start_soon(partial(browse, f"{here.listener.redirect_uri}?{OURS}", follow=True))
                with anyio.fail_after(_PATIENCE):
                    await here.over.wait()
                await here.listener.finish(ok=True, title="Done", text="As Ada.")

        run(test)

    def test_other_addresses_are_no_callback(self, listen: Listen, run: Run) -> None:
        """The judge never sees them."""

        async def test() -> None:
            async with waiting(listen) as here:
                for path in ("/favicon.ico", "/auth/callback/"):
                    await browse(f"http://127.0.0.1:{here.port}{path}?{OURS}")
                assert here.judged == []

        run(test)

    @pytest.mark.parametrize("ok", [True, False])
    def test_the_browser_is_told_how_it_ended(self, listen: Listen, run: Run, ok: bool) -> None:
        """On the page that it comes to in the end, which is held until then."""
        pages: list[str] = []

        async def person(url: str) -> None:
            pages.append((await browse(url, follow=True)).text)

        async def test() -> None:
            async with waiting(listen) as here, anyio.create_task_group() as tasks:
                tasks.start_soon(person, f"{here.listener.redirect_uri}?{OURS}")
                await here.over.wait()
                assert pages == []
                await here.listener.finish(ok=ok, title="How it ended", text="As Ada.")

        run(test)
        assert "How it ended" in pages[0]
        assert "As Ada." in pages[0]

    def test_finishing_is_harmless_where_no_browser_waits(self, listen: Listen, run: Run) -> None:
        """As after a paste."""

        async def test() -> None:
            async with waiting(listen) as here:
                with anyio.fail_after(_PATIENCE):
                    await here.listener.finish(ok=True, title="Done", text="As Ada.")

        run(test)

    def test_a_browser_that_speaks_tls_is_noticed(self, listen: Listen, run: Run) -> None:
        """It made https of the address: the case is told, and the wait goes on."""

        async def test() -> None:
            async with waiting(listen) as here, await anyio.connect_tcp("127.0.0.1", here.port) as stream:
                await anyio.wait_all_tasks_blocked()
                await stream.send(CLIENT_HELLO)
                with anyio.fail_after(_PATIENCE), suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                    await stream.receive()
                assert here.astray == ["callback-upgraded-to-https"]
                assert not here.over.is_set()

        run(test)

    def test_the_first_free_port_is_taken(self, listen: Listen, run: Run) -> None:
        """One that another program has is passed over; where it is the only one, the case says so."""

        async def test(taken: int) -> None:
            (second,) = free_ports(1)
            async with waiting(listen, (taken, second)) as here:
                assert here.port == second
            with pytest.raises(SignInFailed) as refused:
                async with waiting(listen, (taken,)):
                    pass
            assert refused.value.case == "port-in-use-other-tool"

        with socket.create_server(("127.0.0.1", 0)) as other:
            run(partial(test, int(other.getsockname()[1])))

    def test_the_port_is_free_again_after_the_block(self, listen: Listen, run: Run) -> None:
        """Also where the block ends with an error, which comes out as it is."""

        async def test(port: int) -> None:
            for _ in range(2):
                with pytest.raises(ZeroDivisionError):
                    async with listen(host="127.0.0.1", ports=(port,), path=PATH, app_name="Acme Notes"):
                        raise ZeroDivisionError

        run(partial(test, *free_ports(1)))

    def test_an_earlier_sign_in_gives_a_fixed_port_up(self, listen: Listen, run: Run) -> None:
        """The newer one has it then, and the earlier one is told why nothing can come."""

        async def test(port: int) -> None:
            async with waiting(listen, (port,)) as earlier, waiting(listen, (port,)) as newer:
                with anyio.fail_after(_PATIENCE):
                    await earlier.over.wait()
                assert earlier.case == "port-in-use-own-attempt"
                assert newer.port == port

        run(partial(test, *free_ports(1)))

    def test_a_wait_can_be_cancelled(self, listen: Listen, run: Run) -> None:
        """It never ends by itself: the caller sets the deadline."""

        async def test() -> None:
            async with listen(host="127.0.0.1", ports=(0,), path=PATH, app_name="Acme Notes") as listener:
                with anyio.move_on_after(0.05) as scope:
                    await Waiting(listener=listener).wait()
                assert scope.cancelled_caught

        run(test)
