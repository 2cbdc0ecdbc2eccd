"""Owns the contract of `signedin.ports.OpenBrowser` as a suite: subclass it, give it an opener, and pytest runs it.

    class TestMyBrowser(BrowserContract):
        @pytest.fixture
        def open_browser(self) -> OpenBrowser: ...
        @pytest.fixture
        def opened(self) -> Opened: ...
        @pytest.fixture
        def no_browser(self) -> OpenBrowser: ...

Nothing of it should open a real one: let the opener start something that writes down what it was given.
"""

from collections.abc import Callable, Sequence
from threading import Thread

import pytest

from signedin.ports import OpenBrowser

Opened = Callable[[], Sequence[str]]
"""The addresses that the opener was given so far, in order."""

URLS = (
    "http://127.0.0.1:49152/",
    "https://id.example/authorize?client_id=acme&state=a%20b&scope=openid+email&x='$(id)'#end",
    f"https://id.example/authorize?state={'x' * 2000}",
)


class BrowserContract:
    """What every opener must do. A subclass overrides the three fixtures."""

    @pytest.fixture
    def open_browser(self) -> OpenBrowser:
        """An opener that works."""
        raise NotImplementedError("override the fixture `open_browser`")

    @pytest.fixture
    def opened(self) -> Opened:
        """What it was given."""
        raise NotImplementedError("override the fixture `opened`")

    @pytest.fixture
    def no_browser(self) -> OpenBrowser:
        """An opener where there is no browser."""
        raise NotImplementedError("override the fixture `no_browser`")

    @pytest.mark.parametrize("url", URLS, ids=["plain", "with all signs", "long"])
    def test_the_address_arrives_whole(self, open_browser: OpenBrowser, opened: Opened, url: str) -> None:
        """As one argument, letter by letter; then it says that somebody took it."""
        assert open_browser(url) is True
        assert list(opened()) == [url]

    def test_each_call_opens_once(self, open_browser: OpenBrowser, opened: Opened) -> None:
        """In their order."""
        for url in URLS[:2]:
            open_browser(url)
        assert list(opened()) == list(URLS[:2])

    def test_where_there_is_none_it_says_so(self, no_browser: OpenBrowser) -> None:
        """And raises nothing: the address is shown to the person instead."""
        assert no_browser(URLS[0]) is False

    def test_it_may_be_called_on_any_thread(self, open_browser: OpenBrowser, opened: Opened) -> None:
        """It may block, so no event loop calls it."""
        thread = Thread(target=open_browser, args=(URLS[0],))
        thread.start()
        thread.join()
        assert list(opened()) == [URLS[0]]
