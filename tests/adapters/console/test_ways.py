"""What is said of the ways where a browser may not find back."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from tests.support.terminal import FakeAttempt, device_attempt

from signedin_adapters.console import ways
from signedin_adapters.place import Place

COMMANDS = {"device": "acme login --device"}
ALL = ("browser", "paste", "device")


def told(place: Place, *, offered: tuple[str, ...] = ALL, environ: Mapping[str, str] = MappingProxyType({})) -> str:
    text = ways.told(FakeAttempt(ways=offered), place, environ, COMMANDS)
    assert text is not None
    return text


def command(**environ: str) -> str:
    return next(line.strip() for line in told(Place.SSH, environ=environ).splitlines() if line.startswith("  ssh "))


def test_over_ssh_the_command_is_ready() -> None:
    """The port, the user and the machine as the connection itself knows them."""
    connection = "198.51.100.4 52114 203.0.113.7 22"
    assert command(SSH_CONNECTION=connection, USER="ada") == "ssh -L 41245:127.0.0.1:41245 ada@203.0.113.7"


def test_over_ssh_alone_there_is_something_to_forward() -> None:
    """And only what listens here."""
    over_ssh = {"SSH_CONNECTION": "198.51.100.4 52114 203.0.113.7 22", "USER": "ada"}
    assert ways.forwarding(FakeAttempt(), over_ssh) == "ssh -L 41245:127.0.0.1:41245 ada@203.0.113.7"
    assert ways.forwarding(FakeAttempt(), {"USER": "ada"}) is None
    assert ways.forwarding(device_attempt(), over_ssh) is None


def test_an_unusual_ssh_port_is_in_it() -> None:
    """Where sshd listens elsewhere the command says so; IPv6 needs no brackets."""
    connection = "2001:db8::4 52114 2001:db8::7 2222"
    assert command(SSH_CONNECTION=connection, USER="ada") == "ssh -L 41245:127.0.0.1:41245 -p 2222 ada@2001:db8::7"


def test_an_unknown_machine_is_left_to_the_reader() -> None:
    """With SSH_TTY alone the host is a place holder."""
    assert command(SSH_TTY="/dev/pts/3") == "ssh -L 41245:127.0.0.1:41245 HOST"


@pytest.mark.parametrize(
    ("address", "port"),
    [("-oProxyCommand=id", "22"), ("$(id)", "22"), ("a\x1b[2Jb", "x"), ("HOST", "-x"), ("HOST", "22\u202e")],
)
def test_a_forged_connection_is_not_repeated(address: str, port: str) -> None:
    """A line to be run holds addresses and ports alone: an option among them could run anything."""
    forged = f"198.51.100.4 52114 {address} {port}"
    assert command(SSH_CONNECTION=forged) == "ssh -L 41245:127.0.0.1:41245 HOST"


@pytest.mark.parametrize("user", ["-oProxyCommand=id", "a\nb", "a\x1b[2Jb", "a\u202eb"])
def test_a_forged_name_is_not_repeated(user: str) -> None:
    """Nor is anything but a name before it."""
    connection = "198.51.100.4 52114 ::1 22"
    assert command(SSH_CONNECTION=connection, USER=user) == "ssh -L 41245:127.0.0.1:41245 ::1"


def test_what_the_environment_says_is_quoted() -> None:
    """The line is meant to be run: nothing in it is more than a word."""
    assert command(SSH_TTY="x", USER="a;rm -rf ~") == "ssh -L 41245:127.0.0.1:41245 'a;rm -rf ~@HOST'"


def test_in_front_of_the_machine_nothing_is_said() -> None:
    """There is nothing to forward, and the browser comes back by itself."""
    assert ways.told(FakeAttempt(ways=ALL), Place.HERE, {}, COMMANDS) is None


@pytest.mark.parametrize(
    ("place", "order"),
    [
        (Place.SSH, ("acme login --device", "ssh -L", "Paste the answer")),
        (Place.EDITOR, ("acme login --device", "Paste the answer", "Forward port 41245")),
        (Place.CONTAINER, ("acme login --device", "Paste the answer", "--network host")),
        (Place.WSL, ("acme login --device", "Paste the answer")),
    ],
)
def test_the_best_way_comes_first(place: Place, order: tuple[str, ...]) -> None:
    """A code works from anywhere; what else works depends on the place."""
    text = told(place)
    assert list(order) == sorted(order, key=text.index)
    assert text.count("\n- ") == len(order)


@pytest.mark.parametrize("place", [place for place in Place if place is not Place.HERE])
def test_a_way_that_is_not_open_is_not_named(place: Place) -> None:
    """Nor is one that nobody gave a command for."""
    assert "code" not in told(place, offered=("browser", "paste"))
    assert "Paste" not in told(place, offered=("browser", "device"))
    assert "code" not in (ways.told(FakeAttempt(ways=ALL), place, {}, {}) or "")


def test_a_command_stands_alone_on_its_line() -> None:
    """To be copied whole."""
    assert "  acme login --device" in told(Place.SSH).splitlines()
