"""The prompt's texts."""

from tests.support.terminal import SHORT_URL, URL

from signedin.oauth.callback import CallbackRejected
from signedin_adapters.console import wording


def test_the_address_stands_alone() -> None:
    """The long address is a line of its own, whole; the short one follows."""
    for opening in (True, False):
        lines = wording.address(URL, SHORT_URL, opening=opening).split("\n")
        assert URL in lines
        assert any(SHORT_URL in line for line in lines)


def test_seconds_left_are_shown_as_a_clock() -> None:
    """Minutes and seconds; never less than nothing."""
    assert "9:41 left" in wording.waiting("Acme", 581.2, code=False, copies=None)
    assert "0:00 left" in wording.waiting("Acme", -3, code=False, copies=None)


def test_the_line_says_what_the_key_copies() -> None:
    """Where no key is read, nothing is said of one."""
    assert wording.waiting("Acme", 5, code=True, copies="the code").endswith(", c copies the code")
    assert wording.waiting("Acme", 5, code=False, copies=None).endswith("left")


def test_a_cut_paste_names_the_cut_and_the_way_round() -> None:
    """One line: what happened, that the wait goes on, and the short way."""
    told = wording.rejected(CallbackRejected("The end is missing.", reason="cut"), SHORT_URL)
    assert "4096" in told
    assert SHORT_URL in told
    assert "\n" not in told


def test_without_anything_special_to_allow_it_is_a_sign_in() -> None:
    """An empty list makes no empty heading."""
    assert wording.asking("Acme", ()) == "Acme asks you to sign in."
