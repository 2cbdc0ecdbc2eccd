"""Where the listener listens: loopback alone, on the first free port, never beside another program."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from tests.support.nursery import PYTHONPATH
from tests.support.raw_http import ask
from tests.support.taken_ports import occupied, refuses
from tests.support.waiting import port_of, waiting

from signedin.errors import SignInFailed
from signedin.testing.free_ports import free_ports
from signedin.testing.listen_contract import PATH
from signedin_adapters.loopback import binding, listen


async def test_the_redirect_uri_carries_the_port_that_is_bound() -> None:
    """Port 0 is a port of the system's choice, and the addresses name it."""
    async with listen(host="127.0.0.1", ports=[0], path=PATH, app_name="Acme") as listener:
        port = port_of(listener)
        assert listener.redirect_uri == f"http://127.0.0.1:{port}/auth/callback"
        assert not refuses(port)


async def test_ports_are_tried_in_order() -> None:
    """The first free port of the list is taken, not another."""
    second, third = free_ports(2)
    with occupied() as taken:
        first = taken.getsockname()[1]
        async with listen(host="127.0.0.1", ports=[first, second, third], path=PATH, app_name="Acme") as listener:
            assert listener.redirect_uri == f"http://127.0.0.1:{second}/auth/callback"


async def test_a_taken_port_is_named() -> None:
    """With every port taken the case says so and the message names them."""
    with occupied() as one, occupied() as two:
        ports = [one.getsockname()[1], two.getsockname()[1]]
        with pytest.raises(SignInFailed, match=f"{ports[0]} and {ports[1]}") as caught:
            async with listen(host="127.0.0.1", ports=ports, path=PATH, app_name="Acme"):
                pass
    assert caught.value.case == "port-in-use-other-tool"


async def test_a_port_that_the_system_withholds_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """EACCES while nothing listens is a reserved port: a case of its own."""

    def withheld(*_: object) -> socket.socket:
        raise PermissionError(errno.EACCES, "withheld")

    monkeypatch.setattr(binding, "_bind_one", withheld)
    with pytest.raises(SignInFailed, match="1455") as caught:
        async with listen(host="127.0.0.1", ports=[1455], path=PATH, app_name="Acme"):
            pass
    assert caught.value.case == "port-excluded-windows"


@pytest.mark.parametrize(
    ("number", "case", "words"),
    [
        (errno.EACCES, "listener-silent", "lets nothing listen"),
        (errno.EMFILE, "no-thread", "nothing to listen with"),
    ],
)
async def test_a_port_of_the_systems_choice_fails_for_another_reason(
    monkeypatch: pytest.MonkeyPatch, number: int, case: str, words: str
) -> None:
    """None of those is reserved: nothing may listen here, or this process has nothing left."""

    def refused(*_: object) -> socket.socket:
        raise OSError(number, "refused")

    monkeypatch.setattr(binding, "_bind_one", refused)
    with pytest.raises(SignInFailed, match=words) as caught:
        async with listen(host="127.0.0.1", ports=[0], path=PATH, app_name="Acme"):
            pass
    assert caught.value.case == case


async def test_nobody_can_share_the_port() -> None:
    """A second socket on the same port is refused, whatever it asks for."""
    async with waiting() as here:
        for option in (0, socket.SO_REUSEADDR, getattr(socket, "SO_REUSEPORT", 0)):
            with socket.socket() as second:
                if option:
                    second.setsockopt(socket.SOL_SOCKET, option, 1)
                with pytest.raises(OSError, match="in use"):  # noqa: PT012
                    second.bind(("127.0.0.1", here.port))
                    second.listen()


async def test_a_port_can_be_used_again_at_once() -> None:
    """A fixed port serves the next sign-in while connections of the last one time out."""
    (port,) = free_ports(1)
    for _ in range(3):
        async with waiting(ports=[port]) as here:
            assert (await ask(port, "/")).status == 303
            assert here.port == port


def listening_at(port: int) -> list[str]:
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()]
    return [local for _, local, _, state, *_ in lines if state == "0A" and local.endswith(f":{port:04X}")]


@pytest.mark.linux
async def test_the_kernel_shows_loopback_alone() -> None:
    """In /proc/net/tcp the listening socket stands at 127.0.0.1, and an address of the network refuses."""
    async with waiting() as here:
        assert listening_at(here.port) == [f"0100007F:{here.port:04X}"]
        assert refuses(here.port, "127.0.0.2")


@pytest.mark.usefixtures("ipv6")
async def test_localhost_is_both_stacks_on_one_port() -> None:
    """Browsers resolve the name to either address: both answer."""
    async with waiting(host="localhost") as here:
        for address in ("127.0.0.1", "::1"):
            assert (await ask(here.port, "/", address=address, host=f"localhost:{here.port}")).status == 303
    assert refuses(here.port)
    assert refuses(here.port, "::1")


@pytest.mark.usefixtures("ipv6")
async def test_localhost_with_one_stack_taken_goes_to_the_next_port() -> None:
    """A port held by another program on one of the stacks is no port: half the browsers would meet that program."""
    with occupied("::1") as taken:
        first, (second,) = taken.getsockname()[1], free_ports(1)
        async with waiting(host="localhost", ports=[first, second]) as here:
            assert here.port == second
    assert refuses(first)


async def test_localhost_without_ipv6_is_the_other_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without ::1 is served on 127.0.0.1."""
    bind_one = binding._bind_one  # pyright: ignore[reportPrivateUsage]

    def only_ipv4(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        return bind_one(family, address, port)

    monkeypatch.setattr(binding, "_bind_one", only_ipv4)
    async with waiting(host="localhost") as here:
        assert (await ask(here.port, "/", host=f"localhost:{here.port}")).status == 303


WITHOUT_IPV6 = """
import fcntl, socket, struct

with socket.socket() as up:  # ip link set lo up
    fcntl.ioctl(up, 0x8914, struct.pack("16sh14x", b"lo", 1))
with socket.socket(socket.AF_INET6) as gone:  # ip addr del ::1 dev lo
    address = socket.inet_pton(socket.AF_INET6, "::1")
    fcntl.ioctl(gone, 0x8936, struct.pack("16sIi", address, 128, socket.if_nametoindex("lo")))

from signedin_adapters.loopback.binding import bind

print(*[sock.getsockname()[0] for sock in bind("localhost", 0)])
"""


@pytest.mark.linux
def test_ipv6_that_is_switched_off_is_not_in_use() -> None:
    """By the kernel itself, in a network of its own: one socket, and no port that is taken."""
    prefix = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs network namespaces (unshare --net --map-root-user)")
    ran = subprocess.run(
        [*prefix, sys.executable, "-c", WITHOUT_IPV6],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
    )
    assert ran.stdout == "127.0.0.1\n", ran.stderr


async def test_the_port_closes_after_success() -> None:
    """When the block ends nobody listens."""
    async with waiting() as here:
        pass
    assert refuses(here.port)


async def test_the_port_closes_after_an_error_that_comes_out_as_it_is() -> None:
    """An error of the block reaches the caller bare, and the port is closed."""
    ports: list[int] = []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with listen(host="127.0.0.1", ports=[0], path=PATH, app_name="Acme") as listener:
            ports.append(port_of(listener))
            raise ZeroDivisionError
    assert refuses(ports[0])


async def test_the_port_closes_after_a_cancel() -> None:
    """A cancelled wait leaves nobody listening."""
    async with anyio.create_task_group() as tasks, waiting() as here:
        tasks.cancel_scope.cancel()
        await anyio.sleep_forever()
    assert refuses(here.port)
