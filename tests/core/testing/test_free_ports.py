"""Ports for a test."""

import socket

import pytest

from signedin.testing.free_ports import free_ports


def test_they_differ_and_nobody_has_them() -> None:
    """Any number at once; whoever asked may listen there."""
    ports = free_ports(3)
    assert len(set(ports)) == 3
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def test_one_that_the_other_stack_has_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener on localhost binds both."""
    try:
        other = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("needs IPv6 on loopback")
    create_server = socket.create_server
    with other:
        chosen = iter([int(other.getsockname()[1]), 0])

        def choosing(address: tuple[str, int], *, family: int = socket.AF_INET) -> socket.socket:
            host, port = address
            return create_server((host, port or next(chosen)), family=family)

        monkeypatch.setattr(socket, "create_server", choosing)
        (port,) = free_ports(1)
        assert port not in (0, other.getsockname()[1])
        assert next(chosen, None) is None
