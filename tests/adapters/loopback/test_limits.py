"""What a hostile or clumsy peer can do to a waiting sign-in: take its time for a moment, and no more."""

import os
import resource
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress

import anyio
import pytest
from tests.support.raw_http import ask, connect, read, send
from tests.support.waiting import FORGED, OURS, Waiting, waiting

from signedin_adapters.loopback import exchange
from signedin_adapters.loopback.listener import CONNECTIONS, PATIENCE


async def finished(here: Waiting) -> bool:
    """The real callback comes and the sign-in ends well."""
    with anyio.fail_after(5):
        assert (await ask(here.port, OURS)).status == 303
        await here.arrived.wait()
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()
    return True


async def test_the_real_callback_wins_over_everything_at_once() -> None:
    """1 000 forged hits, idle connections, a slow drip and a favicon: the real one is accepted and counted apart."""
    async with waiting() as here:
        idle = [await connect(here.port) for _ in range(3 * CONNECTIONS)]

        async def drip() -> None:
            stream = await connect(here.port)
            async with stream:
                for byte in b"GET /auth/callback?" + b"x" * 10_000:
                    await stream.send(bytes([byte]))
                    await anyio.sleep(0.01)

        async def dripping() -> None:
            try:
                await drip()
            except anyio.BrokenResourceError:
                return

        async def forge(count: int) -> None:
            for _ in range(count):
                assert (await ask(here.port, FORGED)).status == 400

        here.tasks.start_soon(dripping)
        async with anyio.create_task_group() as attackers:
            for _ in range(8):
                attackers.start_soon(forge, 125)
        assert here.listener.rejected == 1000
        assert (await ask(here.port, "/favicon.ico")).status == 404
        assert here.callbacks == []
        assert await finished(here)
        for stream in idle:
            await stream.aclose()


async def test_the_callback_comes_while_every_place_is_taken() -> None:
    """Idle connections beyond the limit: the oldest is closed for the newcomer, which is served at once."""
    async with waiting() as here:
        idle = [await connect(here.port) for _ in range(CONNECTIONS)]
        await anyio.wait_all_tasks_blocked()
        assert await finished(here)
        with anyio.fail_after(2):
            assert (await read(idle[0])).status == 0
        for stream in idle:
            await stream.aclose()


async def test_the_waiting_page_keeps_its_place() -> None:
    """A browser that waits for the outcome is not idle: newcomers displace others."""
    async with waiting() as here:
        await ask(here.port, OURS)
        async with await connect(here.port) as browser:
            await browser.send(f"GET /done HTTP/1.1\r\nHost: 127.0.0.1:{here.port}\r\n\r\n".encode())
            await anyio.wait_all_tasks_blocked()
            idle = [await connect(here.port) for _ in range(2 * CONNECTIONS)]
            await anyio.wait_all_tasks_blocked()
            await here.finish()
            assert (await read(browser)).status == 200
        for stream in idle:
            await stream.aclose()


async def test_later_forgeries_get_a_line() -> None:
    """After fifty the answer is short; it is still 400 and still counted."""
    async with waiting() as here:
        *_, page, line = [await ask(here.port, FORGED) for _ in range(PATIENCE + 1)]
        assert (page.status, line.status) == (400, 400)
        assert len(page.body) > 1000
        assert len(line.body) < 60
        assert here.listener.rejected == PATIENCE + 1
        assert await finished(here)


async def test_a_slow_request_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that is not whole in time ends the connection, however steadily it drips."""
    monkeypatch.setattr(exchange, "READ_SECONDS", 0.2)
    async with waiting() as here:
        async with await connect(here.port) as stream:
            await stream.send(b"GET /auth/callback")
            with anyio.fail_after(2):
                assert (await read(stream)).status == 0
        assert await finished(here)


async def test_a_head_past_its_limit_is_refused() -> None:
    """More than 16 KiB of head is 431, in one header, in many, or in the target."""
    async with waiting() as here:
        for extra in (f"X: {'x' * 17_000}\r\n", "X: x\r\n" * 3_000):
            assert (await ask(here.port, OURS, extra=extra)).status == 431
        assert (await ask(here.port, OURS + "x" * 17_000)).status == 431
        assert here.callbacks == []
        assert await finished(here)


async def test_a_long_but_lawful_callback_is_read() -> None:
    """A code of eight thousand characters is still a code."""
    async with waiting() as here:
        assert (await ask(here.port, OURS.replace("the-code", "c" * 8_000))).status == 303
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()


async def test_a_browser_that_speaks_tls_gets_no_answer() -> None:
    """The first bytes of a TLS handshake end the connection. Whoever waits is told, but no callback was turned away."""
    async with waiting() as here:
        for hello in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x16"):
            assert (await send(here.port, hello)).status == 0
        assert here.listener.rejected == 0
        assert here.astray == ["callback-upgraded-to-https"] * 2
        assert await finished(here)


async def test_a_browser_that_speaks_tls_too_late_is_told_of_to_nobody() -> None:
    """The wait is over."""
    async with waiting() as here:
        assert (await ask(here.port, OURS)).status == 303
        await here.arrived.wait()
        assert (await send(here.port, b"\x16\x03\x01")).status == 0
        assert here.astray == []
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()


NONSENSE = [
    b"\x00\x01\x02\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"GET / \xff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\r\n\r\n\r\n",
]


async def test_what_is_no_request_changes_nothing() -> None:
    """Nonsense is refused or not answered at all."""
    async with waiting() as here:
        for data in NONSENSE:
            async with await connect(here.port) as stream:
                await stream.send(data)
                await stream.send_eof()
                assert (await read(stream)).status in {0, 400, 421}
        assert await finished(here)


async def test_one_request_a_connection() -> None:
    """A second request behind the first is not answered, not even the right one."""
    async with waiting() as here:
        head = f"HTTP/1.1\r\nHost: 127.0.0.1:{here.port}\r\n\r\n"
        reply = await send(here.port, f"GET /nothing {head}GET {OURS} {head}".encode())
        assert reply.status == 404
        assert "HTTP/1.1" not in reply.body
        assert here.callbacks == []


async def test_an_answer_survives_a_body_that_nobody_reads() -> None:
    """A refused POST with a body gets its 405, not a reset."""
    async with waiting() as here:
        data = f"POST {OURS} HTTP/1.1\r\nHost: 127.0.0.1:{here.port}\r\nContent-Length: 40000\r\n\r\n".encode()
        assert (await send(here.port, data + b"x" * 40_000)).status == 405


async def test_a_peer_that_vanishes_changes_nothing() -> None:
    """Connections that end in the middle leave the wait as it was."""
    async with waiting() as here:
        for data in (b"", b"GET /auth", f"GET {FORGED} HTTP/1.1\r\nHost: 127.0.0.1:{here.port}\r\n\r\n".encode()):
            async with await connect(here.port) as stream:
                if data:
                    await stream.send(data)
        assert await finished(here)


async def test_a_process_without_descriptors_goes_on_listening() -> None:
    """The connection waits in the queue until one is free: the wait is not lost."""
    async with waiting() as here:
        with socket.socket() as browser:
            browser.setblocking(False)
            with no_descriptor_left():
                browser.connect_ex(("127.0.0.1", here.port))
                with anyio.move_on_after(0.2):
                    await anyio.sleep_forever()
        assert await finished(here)


@contextmanager
def no_descriptor_left() -> Generator[None]:
    """As in a program that has too many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    filling = list[int]()
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/dev/fd"))) + 1, hard))
    try:
        with suppress(OSError):
            while True:
                filling.append(os.dup(0))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in filling:
            os.close(descriptor)
