"""A fixed port that is taken: our own earlier sign-in makes way for the next one, and nobody else is asked."""

import errno
import os
import re
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import anyio
import psutil
import pytest
from tests.support.raw_http import Reply, ask, connect, read
from tests.support.taken_ports import foreign, occupied, ours, refuses
from tests.support.waiting import FORGED, OURS, Waiting, waiting

from signedin.errors import SignInFailed
from signedin.testing.free_ports import free_ports
from signedin.testing.listen_contract import AUTHORIZE_URL, PATH, judge
from signedin_adapters.loopback import binding, listen, note, takeover


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that two sign-ins share."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


@pytest.fixture
def port() -> int:
    """A port that is free, and fixed from here on."""
    return free_ports(1)[0]


def note_of(home: Path, port: int) -> Path:
    return home / "listening" / str(port)


async def told_to_make_way(here: Waiting, home: Path, *, bearer: str | None = None) -> Reply:
    """Ask as our next sign-in does, or with another secret than the note's."""
    left = note.read(str(home), port=here.port)
    assert left is not None
    secret = left.secret.reveal() if bearer is None else bearer
    return await ask(here.port, "/cancel", method="POST", extra=f"Authorization: Bearer {secret}\r\n")


# Our own earlier sign-in.


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_earlier_sign_in_of_this_process_makes_way(home: Path, port: int, host: str) -> None:
    """It ends with its own case, and the next one has the very port; on both stacks where the name has both."""
    another = partial(waiting, host=host, ports=[port, *free_ports(1)], home=str(home))
    async with another() as earlier, another() as later:
        assert (earlier.port, later.port) == (port, port)
        with anyio.fail_after(5):
            await earlier.arrived.wait()
        assert earlier.case == "port-in-use-own-attempt"
        assert (await ask(port, OURS, host=f"{host}:{port}")).status == 303
        assert (len(earlier.callbacks), len(later.callbacks)) == (0, 1)
        later.tasks.start_soon(partial(ask, port, "/done", host=f"{host}:{port}"))
        await later.finish()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
async def test_an_earlier_sign_in_of_another_process_makes_way(home: Path, port: int, backend: str) -> None:
    """Whatever event loop it has, and wherever it was started."""
    with ours(home, port, host="localhost", backend=backend) as earlier:
        async with waiting(host="localhost", ports=[port], home=str(home)) as later:
            assert later.port == port
            assert await anyio.to_thread.run_sync(earlier.says) == "port-in-use-own-attempt"


async def test_two_hosts_know_each_other(home: Path, port: int) -> None:
    """A sign-in on the literal address alone makes way for one on both stacks, and the other way round."""
    for host, other in (("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")):
        async with waiting(host=host, ports=[port], home=str(home)) as earlier:
            async with waiting(host=other, ports=[port], home=str(home)) as later:
                assert later.port == port
            assert earlier.case == "port-in-use-own-attempt"


async def test_one_takes_over_from_another_again_and_again(home: Path, port: int) -> None:
    """The note is always that of whoever has the port; with the last one it is gone."""
    async with waiting(ports=[port], home=str(home)) as first, waiting(ports=[port], home=str(home)) as second:
        async with waiting(ports=[port], home=str(home)) as third:
            assert third.port == port
        assert (first.case, second.case, third.case) == (*["port-in-use-own-attempt"] * 2, None)
    assert not note_of(home, port).parent.exists()
    assert refuses(port)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_of_two_at_once_the_slower_asks_the_faster(home: Path, port: int, host: str) -> None:
    """Both have the port in turn, and none of them takes the other for another tool."""
    held, ended, lost = list[int](), list[str | None](), anyio.Event()

    async def sign_in() -> None:
        async with waiting(host=host, ports=[port], home=str(home)) as here:
            held.append(here.port)
            with anyio.fail_after(5):
                await (here.arrived if len(held) == 1 else lost).wait()
            ended.append(here.case)
            lost.set()

    async with waiting(host=host, ports=[port], home=str(home)) as earlier, anyio.create_task_group() as tasks:
        tasks.start_soon(sign_in)
        tasks.start_soon(sign_in)
    assert earlier.case == "port-in-use-own-attempt"
    assert (held, ended) == ([port, port], ["port-in-use-own-attempt", None])


async def test_a_port_that_comes_free_by_itself_is_taken(
    home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever had it has gone by the time that somebody looks who it was."""
    had = occupied(port=port)

    def nobodys(_: str, *, port: int) -> None:
        had.close()

    monkeypatch.setattr(note, "read", nobodys)
    async with waiting(ports=[port], home=str(home)) as here:
        assert here.port == port


async def test_asked_before_it_waits_it_fails_at_once(home: Path, port: int) -> None:
    """Bound, and not yet shown to anybody: it makes way all the same."""
    opened = listen(host="127.0.0.1", ports=[port], path=PATH, app_name="Acme", home=str(home))
    async with opened as earlier, waiting(ports=[port], home=str(home)) as later:
        assert later.port == port
        with pytest.raises(SignInFailed) as caught:
            await earlier.wait(authorize_url=AUTHORIZE_URL, judge=judge, astray=lambda _: None)
        assert caught.value.case == "port-in-use-own-attempt"


async def test_browsers_that_keep_connections_do_not_keep_the_port(home: Path, port: int) -> None:
    """One that is idle and one in the middle of a request: the port is had at once, also after the end."""
    async with AsyncExitStack() as browsers:
        for _ in range(3):
            async with waiting(ports=[port], home=str(home)) as earlier:
                idle = await browsers.enter_async_context(await connect(port))
                slow = await browsers.enter_async_context(await connect(port))
                await slow.send(b"GET / HTTP/1.1\r\n")
                with anyio.fail_after(1):
                    async with waiting(ports=[port], home=str(home)) as later:
                        assert later.port == port
                        assert (await ask(port, "/")).status == 303
                assert earlier.case == "port-in-use-own-attempt"
            assert (await read(idle)).status == 0


# A sign-in that has its answer already.


async def test_a_sign_in_that_has_its_answer_keeps_the_port(home: Path, port: int) -> None:
    """The browser is still to be told how it ended: the next one goes to the next port."""
    (second,) = free_ports(1)
    async with waiting(ports=[port], home=str(home)) as earlier:
        assert (await ask(port, OURS)).status == 303
        assert (await told_to_make_way(earlier, home)).status == 409
        async with waiting(ports=[port, second], home=str(home)) as later:
            assert later.port == second
            earlier.tasks.start_soon(ask, port, "/done")
            await earlier.finish()
        assert (earlier.case, len(earlier.callbacks)) == (None, 1)


async def test_a_sign_in_that_is_over_makes_way(home: Path, port: int) -> None:
    """Its browser was told; what its app still does there needs no port."""
    async with waiting(ports=[port], home=str(home)) as earlier:
        await ask(port, OURS)
        earlier.tasks.start_soon(ask, port, "/done")
        await earlier.finish()
        async with waiting(ports=[port], home=str(home)) as later:
            assert later.port == port
        assert earlier.case is None


# Who is not asked.


async def test_another_tool_is_never_asked(home: Path) -> None:
    """Nothing is sent to it at all; the next port is taken."""
    first, second, other = free_ports(3)
    with foreign(first) as tool:
        async with waiting(host="localhost", ports=[first, second], home=str(home)) as here:
            assert here.port == second
        async with waiting(ports=[other]):
            await ask(first, "/the-first-request")
        assert await anyio.to_thread.run_sync(tool.says) == "GET /the-first-request HTTP/1.1"


async def test_the_note_of_a_dead_sign_in_has_nobody_asked(home: Path) -> None:
    """It crashed, and another tool has the port since: that one is not asked, and the note is replaced in time."""
    first, second = free_ports(2)
    with ours(home, first) as dead:
        dead.kill()
    assert note_of(home, first).exists()
    with foreign(first) as tool:
        async with waiting(ports=[first, second], home=str(home)) as here:
            assert here.port == second
        await ask(first, "/the-first-request")
        assert await anyio.to_thread.run_sync(tool.says) == "GET /the-first-request HTTP/1.1"
    async with waiting(ports=[first], home=str(home)) as here:
        assert here.port == first
    assert not note_of(home, first).exists()


async def test_a_sign_in_of_another_home_is_another_tools(home: Path, tmp_path: Path) -> None:
    """Two homes do not know each other."""
    first, second = free_ports(2)
    async with waiting(ports=[first], home=str(tmp_path)) as earlier:
        async with waiting(ports=[first, second], home=str(home)) as here:
            assert here.port == second
        assert earlier.case is None


async def test_a_port_of_the_systems_choice_leaves_no_note(home: Path) -> None:
    """Nobody will ever need that one."""
    async with waiting(home=str(home)):
        assert os.listdir(home) == []


# What a stranger can do with it.


async def test_without_the_secret_there_is_nothing_there(home: Path, port: int) -> None:
    """A wrong one, none, another method, another host: the answer of any unknown path, and the wait goes on."""
    async with waiting(ports=[port], home=str(home)) as here:
        left = note.read(str(home), port=port)
        assert left is not None
        secret = left.secret.reveal()
        unknown = await ask(port, "/nothing", method="POST")
        assert unknown.status == 404
        for headers in (
            "",
            "Authorization: Bearer \r\n",
            f"Authorization: Bearer {secret[:-1]}\r\n",
            f"Authorization: Bearer {secret}x\r\n",
            "Authorization: Bearer gehe\xefm\r\n",
            f"Authorization: Basic {secret}\r\n",
            f"Cookie: {secret}\r\n",
        ):
            reply = await ask(port, "/cancel", method="POST", extra=headers)
            assert (reply.status, len(reply.body)) == (unknown.status, len(unknown.body))
        known = f"Authorization: Bearer {secret}\r\n"
        assert (await ask(port, "/cancel", extra=known)).status == 404
        assert (await ask(port, f"/cancel?{secret}", method="POST")).status == 404
        assert (await ask(port, "/cancel", method="POST", host="evil.example", extra=known)).status == 421
        assert (await ask(port, FORGED)).status == 400
        assert not here.arrived.is_set()
        assert (await told_to_make_way(here, home)).status == 200
        with anyio.fail_after(5):
            await here.arrived.wait()


async def test_a_listener_that_does_not_answer_is_given_up_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was stopped: a moment, then the next port."""
    monkeypatch.setattr(takeover, "ASKING_SECONDS", 0.3)
    first, second = free_ports(2)
    with ours(home, first) as stopped:
        stopped.stop()
        async with waiting(ports=[first, second], home=str(home)) as here:
            assert here.port == second


async def test_a_port_that_does_not_come_free_is_given_up_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child of the earlier sign-in has a copy of its socket: a moment, then the next port."""
    monkeypatch.setattr(takeover, "ASKING_SECONDS", 0.3)
    first, second = free_ports(2)
    async with waiting(ports=[first], home=str(home)) as earlier:
        with copied(first):
            async with waiting(ports=[first, second], home=str(home)) as later:
                assert later.port == second
            assert earlier.case == "port-in-use-own-attempt"


def copied(port: int) -> socket.socket:
    """The listening socket of this process at the port, once more."""
    mine = psutil.Process().net_connections("tcp")
    (descriptor,) = (each.fd for each in mine if each.status == "LISTEN" and each.laddr[1:] == (port,))
    return socket.socket(fileno=os.dup(descriptor))


# Who has it.


async def test_whoever_has_the_ports_is_named(home: Path) -> None:
    """Each port with its program and process, as far as the system tells."""
    first, second = free_ports(2)
    with foreign(first) as one, foreign(second) as two, pytest.raises(SignInFailed) as caught:
        async with waiting(host="localhost", ports=[first, second], home=str(home)):
            pass
    by = [rf"{each.port} by python[\w.]* \(process {each.pid}\)" for each in (one, two)]
    assert re.fullmatch(rf"Ports {first} and {second} on localhost are taken: {by[0]}, {by[1]}\.", caught.value.message)
    assert caught.value.case == "port-in-use-other-tool"


@pytest.mark.usefixtures("ipv6")
async def test_one_stack_is_enough_to_have_it(home: Path, port: int) -> None:
    """Where the browser may go to either address, a program at ::1 has the port; it is the one that is named."""
    with foreign(port, address="::1") as tool:
        with pytest.raises(SignInFailed, match=rf"Port {port} on localhost is taken by .* \(process {tool.pid}\)\."):
            async with waiting(host="localhost", ports=[port], home=str(home)):
                pass
        async with waiting(ports=[port], home=str(home)) as here:
            assert here.port == port


async def test_a_port_that_the_system_keeps_is_told_apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two ports one is reserved (Windows) and one is taken: each with its own reason."""
    bind_all = binding._bind_all  # pyright: ignore[reportPrivateUsage]
    first, reserved = free_ports(2)

    def withheld(addresses: Sequence[tuple[socket.AddressFamily, str]], port: int) -> list[socket.socket]:
        if port == reserved:
            raise PermissionError(errno.EACCES, "withheld")
        return bind_all(addresses, port)

    monkeypatch.setattr(binding, "_bind_all", withheld)
    with occupied(port=first), pytest.raises(SignInFailed, match=f", {reserved} by the system itself\\.$") as caught:
        async with waiting(ports=[first, reserved], home=str(home)):
            pass
    assert caught.value.case == "port-in-use-other-tool"
