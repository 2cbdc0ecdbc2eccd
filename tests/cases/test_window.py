"""OAuth window doesn't open: a browser that does not come up, or cannot come back."""

import errno
import re
import socket
import ssl
from collections.abc import Generator

import pytest
from tests.support.command import Person
from tests.support.command_line import asked_to_authorize, sign_in
from tests.support.connected import announce
from tests.support.taken_ports import foreign
from tests.support.user import User

from signedin.classify.listening import listening_case
from signedin.testing.free_ports import free_ports
from signedin_adapters.loopback import binding


@pytest.fixture
def port(user: User) -> Generator[int]:
    """The one port that the provider, which is codex in the sandbox, allows."""
    before = user.sandbox.codex_ports
    user.sandbox.codex_ports = free_ports(1)
    announce(user.sandbox, str(user.home))
    yield user.sandbox.codex_ports[0]
    user.sandbox.codex_ports = before


@pytest.mark.case("no-browser-headless")
def test_a_machine_without_a_browser(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is printed and waited for; where nobody comes, that is why in the end."""
    monkeypatch.setenv("BROWSER", "/nonexistent/browser")
    user.types("login", "--provider", "sandbox", "--timeout", "0.5")
    assert "No browser could be opened from here" in user.ran.err
    user.was_told("open the address")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("callback-upgraded-to-https")
def test_a_browser_that_opens_secure_addresses_alone(user: User) -> None:
    """What it speaks is understood for what it is; where nothing better comes, the sign-in dies of it."""
    person = Person("login", "--provider", "sandbox", "--no-browser", "--timeout", "1.5")
    person.reads("Waiting for your browser")
    comes_back_by_https(person)
    user.met(person.ran())
    user.was_told("paste the address")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("callback-upgraded-to-https")
def test_the_address_of_such_a_browser_can_be_pasted(user: User) -> None:
    """As it shows it, with the https that it made; then the trouble is over."""
    person = Person("login", "--provider", "sandbox", "--no-browser")
    person.reads("Waiting for your browser")
    comes_back_by_https(person)
    person.types(answer(person, user).replace("http:", "https:", 1) + "\n")
    user.met(person.ran())
    user.was_warned("ada@example.com")
    user.stands("connected")
    user.logged()
    user.is_diagnosed(status="cleared")
    user.keeps_the_session()


@pytest.mark.case("login-in-progress")
def test_two_sign_ins_at_once(user: User) -> None:
    """The second is told of the first, which goes on undisturbed."""
    user.signs_in()
    first = Person("login", "--again", "--no-browser")
    first.reads("Waiting for your browser")
    user.types("login", "--again")
    user.was_told("Another sign-in has been running since", "Finish it in its browser")
    user.stands("authorizing", names_case=False)
    user.logged()
    user.is_diagnosed()
    first.types(f"{answer(first, user)}\n")
    assert first.leaves() == 0
    user.is_diagnosed(status="cleared")
    user.keeps_the_session()


@pytest.mark.case("port-in-use-other-tool")
def test_another_tool_has_the_port(user: User, port: int) -> None:
    """It is named with its process, before any browser opens, and is never asked to go."""
    with foreign(port) as tool:
        user.types("login", "--provider", "sandbox-codex")
        user.was_told(f"Port {port}", f"(process {tool.pid})", "End the other program")
        user.stands("disconnected", names_case=False)
    user.logged()
    user.is_diagnosed()
    user.has_no_session()
    assert user.types("login", "--provider", "sandbox-codex").code == 0


@pytest.mark.case("port-in-use-own-attempt")
def test_a_newer_sign_in_of_ours_needs_the_port(user: User, port: int) -> None:
    """The older one, which nobody answered yet, makes way for it and says so."""
    older = Person("login", "--provider", "sandbox-codex", "--no-browser")
    older.reads("Waiting for your browser")
    sign_in(user.sandbox, user.home, provider="sandbox-codex", app_name="Another app")
    user.met(older.ran())
    user.was_told("Finish the newer sign-in first")
    user.stands("disconnected")
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("port-excluded-windows")
def test_a_port_that_the_system_withholds(user: User, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there, and it is denied all the same: what the system said is played, for it needs Windows."""
    with monkeypatch.context() as patch:
        refuse_to_listen(errno.EACCES, patch)
        user.types("login", "--provider", "sandbox-codex")
    user.was_told(f"port {port}", "excludedportrange")
    user.stands("disconnected", names_case=False)
    user.logged()
    user.is_diagnosed()
    user.has_no_session()


@pytest.mark.case("port-excluded-windows", system="Windows")
@pytest.mark.parametrize("number", [10013, errno.EACCES])
def test_what_windows_says_of_a_reserved_port(number: int) -> None:
    """WSAEACCES, which Python calls EACCES too. Not run on Windows."""
    assert listening_case({1455: number}) == "port-excluded-windows"


@pytest.mark.case("listener-silent")
def test_a_machine_on_which_nothing_may_listen(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """As some sandboxes have it, even at a port of the system's own choice: no browser opens for an answer in vain."""
    user.signs_in()
    user.sandbox.requests.clear()
    with monkeypatch.context() as patch:
        refuse_to_listen(errno.EPERM, patch)
        user.types("login", "--again")
    assert not asked_to_authorize(user.sandbox)
    user.was_told("127.0.0.1")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


def comes_back_by_https(person: Person) -> None:
    """A browser that makes https of every address comes back to the sign-in, and finds nobody who speaks it."""
    port = re.search(r"For short: http://127\.0\.0\.1:(\d+)/", person.screen)
    assert port is not None
    with socket.create_connection(("127.0.0.1", int(port[1]))) as connection, pytest.raises(OSError):
        ssl.create_default_context().wrap_socket(connection, server_hostname="127.0.0.1")


def answer(person: Person, user: User) -> str:
    """The address that a browser ends at."""
    address = re.search(rf"{user.sandbox.issuer}/\S+", person.screen)
    assert address is not None
    return user.sandbox.sign_in(address[0])


def refuse_to_listen(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system says this of every port."""

    def refused(*_: object) -> socket.socket:
        raise OSError(number, "refused")

    monkeypatch.setattr(binding, "_bind_one", refused)
