"""The prompt's texts."""

from tests.support.terminal import SHORT_URL, URL

from signedin.oauth.callback import CallbackRejected
from signedin_adapters.console import wording


def command(**environ: str) -> str:
    text = wording.forwarding(SHORT_URL, environ)
    assert text is not None
    return next(line.strip() for line in text.splitlines() if line.strip().startswith("ssh "))


def test_over_ssh_the_command_is_ready() -> None:
    """The port, the user and the machine as the connection itself knows them."""
    connection = "198.51.100.4 52114 203.0.113.7 22"
    assert command(SSH_CONNECTION=connection, USER="ada") == "ssh -L 41245:127.0.0.1:41245 ada@203.0.113.7"


def test_an_unusual_ssh_port_is_in_it() -> None:
    """Where sshd listens elsewhere the command says so; IPv6 needs no brackets."""
    connection = "2001:db8::4 52114 2001:db8::7 2222"
    assert command(SSH_CONNECTION=connection, USER="ada") == "ssh -L 41245:127.0.0.1:41245 -p 2222 ada@2001:db8::7"


def test_an_unknown_machine_is_left_to_the_reader() -> None:
    """With SSH_TTY alone the host is a place holder."""
    assert command(SSH_TTY="/dev/pts/3") == "ssh -L 41245:127.0.0.1:41245 HOST"


def test_what_the_environment_says_is_quoted() -> None:
    """The line is meant to be run: nothing in it is more than a word."""
    assert command(SSH_TTY="x", USER="a;rm -rf ~") == "ssh -L 41245:127.0.0.1:41245 'a;rm -rf ~@HOST'"


def test_without_ssh_nothing_is_said_of_it() -> None:
    """On a machine one sits at there is nothing to forward."""
    assert wording.forwarding(SHORT_URL, {"USER": "ada"}) is None


def test_the_address_stands_alone() -> None:
    """The long address is a line of its own, whole; the short one follows."""
    for opening in (True, False):
        lines = wording.address(URL, SHORT_URL, opening=opening).split("\n")
        assert URL in lines
        assert any(SHORT_URL in line for line in lines)


def test_seconds_left_are_shown_as_a_clock() -> None:
    """Minutes and seconds; never less than nothing."""
    assert "9:41 left" in wording.waiting("Acme", 581.2, keys=True)
    assert "0:00 left" in wording.waiting("Acme", -3, keys=True)


def test_a_cut_paste_names_the_cut_and_the_way_round() -> None:
    """One line: what happened, that the wait goes on, and the short way."""
    told = wording.rejected(CallbackRejected("The end is missing.", reason="cut"), SHORT_URL)
    assert "4096" in told
    assert SHORT_URL in told
    assert "\n" not in told


def test_without_anything_special_to_allow_it_is_a_sign_in() -> None:
    """An empty list makes no empty heading."""
    assert wording.asking("Acme", ()) == "Acme asks you to sign in."
