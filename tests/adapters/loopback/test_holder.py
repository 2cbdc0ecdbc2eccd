"""Who listens on a port, by what this system tells."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.support.nursery import PYTHONPATH
from tests.support.taken_ports import foreign, occupied

from signedin.testing.free_ports import free_ports
from signedin_adapters.loopback import holder

NOBODY = 65534


def test_a_process_that_listens_is_known_by_its_id() -> None:
    """The one that does, and no other; not on another port, and not once it is over."""
    port, other = free_ports(2)
    with foreign(port) as tool:
        assert holder.listens(tool.pid, port)
        assert not holder.listens(tool.pid, other)
        assert not holder.listens(os.getpid(), port)
    assert not holder.listens(tool.pid, port)


def test_this_process_is_known_like_any_other() -> None:
    """Two accounts of one process may want the same port."""
    with occupied() as sock:
        port = sock.getsockname()[1]
        assert holder.listens(os.getpid(), port)
        assert holder.names([port])[port].endswith(f" (process {os.getpid()})")


def test_a_connection_is_no_listener() -> None:
    """The port at its near end is nobody's."""
    with occupied() as sock, socket.create_connection(sock.getsockname()) as connection:
        port = connection.getsockname()[1]
        assert not holder.listens(os.getpid(), port)
        assert holder.names([port]) == {port: holder.UNNAMED}


@pytest.mark.linux
def test_another_address_of_this_machine_is_not_in_the_way() -> None:
    """Who listens there has not the port that a browser comes to."""
    with occupied("127.0.0.2") as sock:
        assert not holder.listens(os.getpid(), sock.getsockname()[1])


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_all_addresses_are_in_the_way(address: str) -> None:
    """Who listens everywhere has the port."""
    try:
        sock = occupied(address)
    except OSError:
        pytest.skip("needs IPv6 on the loopback interface")
    with sock:
        assert holder.listens(os.getpid(), sock.getsockname()[1])


def test_programs_are_named_with_their_processes() -> None:
    """As the system calls them; each port has its own."""
    first, second, free = free_ports(3)
    with foreign(first) as one, foreign(second) as two:
        name = psutil.Process(one.pid).name()
        assert holder.names([first, second, free]) == {
            first: f"{name} (process {one.pid})",
            second: f"{name} (process {two.pid})",
            free: holder.UNNAMED,
        }


def test_two_programs_on_one_port_are_both_named() -> None:
    """One on each stack."""
    (port,) = free_ports(1)
    with occupied("127.0.0.1", port), foreign(port, address="::1") as tool:
        told = holder.names([port])[port]
    assert f"(process {os.getpid()})" in told
    assert f"(process {tool.pid})" in told
    assert " and " in told


@pytest.mark.linux
def test_a_name_is_short_and_steers_nothing(tmp_path: Path) -> None:
    """A program chooses its name itself: what could steer a terminal is left out, and so is the rest of a long one."""
    program = tmp_path / f"\x1b[31m\u202eevil{'x' * 90}"
    program.symlink_to(sys.executable)
    (port,) = free_ports(1)
    with foreign(port, program=str(program)) as tool:
        told = holder.names([port])[port]
    assert told.isprintable()
    assert told.startswith("[31mevilx")
    assert told.endswith(f"x (process {tool.pid})")
    assert len(told) < 70


def test_where_the_system_tells_nothing_at_once_processes_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS has it for ordinary users."""

    def denied(_: str) -> None:
        raise psutil.AccessDenied

    (port,) = free_ports(1)
    with foreign(port) as tool:
        monkeypatch.setattr(psutil, "net_connections", denied)
        assert f"(process {tool.pid})" in holder.names([port])[port]


@pytest.mark.linux
def test_another_users_program_stays_unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary user is not told whose it is."""
    with occupied() as sock:
        port = sock.getsockname()[1]
        if os.geteuid() == 0:
            child = os.fork()
            if child == 0:
                told = dict[int, str]()
                try:
                    sock.close()
                    os.setuid(NOBODY)
                    told = holder.names([port])
                finally:
                    os._exit(told != {port: holder.UNNAMED})
            assert os.waitpid(child, 0)[1] == 0
        else:
            anonymous = [each._replace(pid=None) for each in psutil.net_connections("tcp")]
            monkeypatch.setattr(psutil, "net_connections", lambda _: anonymous)
            assert holder.names([port]) == {port: holder.UNNAMED}


def test_psutil_waits_until_it_is_needed() -> None:
    """A sign-in that finds its port free does without."""
    program = "import signedin_adapters.loopback, sys; print('psutil' in sys.modules)"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": PYTHONPATH}
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True)
    assert told.stdout == "False\n"
