"""The browser that opens nothing. That it keeps the contract of its port is shown with the adapters'."""

import threading

from signedin.testing import FakeBrowser

URL = "https://id.example/authorize"


def test_it_counts_what_it_was_asked_for() -> None:
    """From nothing on."""
    browser = FakeBrowser()
    assert browser.opened == []
    browser(URL)
    assert browser.opened == [URL]


def test_the_person_is_there_meanwhile() -> None:
    """The opener comes back before the person has done anything, as a real one does."""
    here, visited = threading.Event(), list[str]()

    def visit(url: str) -> None:
        here.wait(10)
        visited.append(url)

    browser = FakeBrowser(visit)
    assert browser(URL)
    assert visited == []
    here.set()
    browser.wait(10)
    assert visited == [URL]


def test_where_it_does_not_work_nobody_goes_anywhere() -> None:
    """But it is known what was tried."""
    visited = list[str]()
    browser = FakeBrowser(visited.append, works=False)
    assert not browser(URL)
    browser.wait(10)
    assert (visited, browser.opened) == ([], [URL])
