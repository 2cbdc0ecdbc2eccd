"""Owns `FakeBrowser`: a browser that opens nothing on this machine, and knows what it was asked to open."""

from collections.abc import Callable
from threading import Thread


class FakeBrowser:
    """`OpenBrowser` for tests. `opened` are the addresses, in order: `len(browser.opened)` says how often it was asked.

    `visit` plays the person at the address, on a thread of its own, as a browser does; without it nobody comes back.
    It must not raise. `works` is what the opener says: False where there is no browser.
    """

    def __init__(self, visit: Callable[[str], None] | None = None, *, works: bool = True) -> None:
        self.opened: list[str] = []
        self.works = works
        self._visit = visit
        self._visits: list[Thread] = []

    def __call__(self, url: str) -> bool:
        """Remember the address, and let the person go there."""
        self.opened.append(url)
        if self.works and self._visit is not None:
            self._visits.append(Thread(target=self._visit, args=(url,), name="fake browser", daemon=True))
            self._visits[-1].start()
        return self.works

    def wait(self, seconds: float) -> None:
        """Until every visit is over, each for at most so long."""
        for visit in self._visits:
            visit.join(seconds)
