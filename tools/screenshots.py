"""Owns the pictures of the page: `python tools/screenshots.py` takes docs/images/web-*.png in headless Chromium.

Their bytes depend on the machine's fonts, so that `--check` asks only whether each is there. What would differ from run
to run is held: the time, addresses with their ports, codes.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "core"), str(ROOT / "adapters")]

from tests.support import chromium  # noqa: E402
from tests.support.web_scenes import SCENES, Theatre  # noqa: E402
from tests.support.web_tab import WebTab  # noqa: E402

from signedin.testing import FakeClock  # noqa: E402
from signedin.testing.free_ports import free_ports  # noqa: E402
from signedin_adapters.sandbox import Sandbox  # noqa: E402

NOW = 1_795_428_000.0
"""The time on every picture: 2026-11-23, 10:00 UTC."""
SIZE, BOARD_SIZE, PHONE_SIZE = (760, 900), (1024, 640), (360, 800)
"""What is seen of each, in CSS pixels: the pictures stay small."""
DARK = ("signed-out", "connected", "expired", "board")
"""The states that are shown dark, too."""
NARROW = ("signed-out", "connected")
"""Those that are shown on a phone, too."""
AT = {"history": "#live", "refreshing": "#live"}
"""Where the page is scrolled to, if not to its top."""
HELD = {
    "#attempt-address": "http://127.0.0.1:49152/",
    "#attempt-place": "http://127.0.0.1:8765/device",
    "#attempt-digits": "WDJB-MJHT",
}
"""What stands in place of what is another at each run."""
HOLD = """held => {
  for (const [place, text] of Object.entries(held)) document.querySelector(place)?.replaceChildren(text);
}"""


def names() -> list[str]:
    """Every picture, below the root."""
    return [shot.file for shot in _shots()]


def missing(root: Path) -> list[str]:
    """The pictures that are not there."""
    return [name for name in names() if not (root / name).exists()]


def write(root: Path) -> None:
    """Take all of them again; without chromium, say so and leave them."""
    path = chromium.executable()
    if path is None:
        print("docs/images/web-*.png are left as they are: needs chromium (apt install chromium)", file=sys.stderr)
        return
    clock = FakeClock(NOW)
    sandbox = Sandbox(clock=clock, codex_ports=free_ports(2), earliest_refresh_at="absent")
    with chromium.launched(path) as browser, sandbox.running():
        for shot in _shots():
            clock.offset, sandbox.access_ttl = 0.0, 3600
            sandbox.faults.clear()
            sandbox.disconnect_user()
            with ExitStack() as until, TemporaryDirectory() as home:
                theatre = Theatre(
                    sandbox=sandbox, clock=clock, chromium=browser, home=home, until=until, begin=shot.begin
                )
                shot.take(theatre, root / shot.file)
                browser.forget()
            print(f"took {shot.file}")


@dataclass(frozen=True, slots=True)
class _Shot:
    """One picture: of which scene, in which scheme, how large."""

    name: str
    scene: str
    scheme: str
    size: tuple[int, int]

    @property
    def file(self) -> str:
        return f"docs/images/web-{self.name}.png"

    def begin(self, tab: WebTab) -> None:
        tab.fix_time(NOW)
        tab.resize(*self.size)
        tab.prefer(self.scheme)

    def take(self, theatre: Theatre, path: Path) -> None:
        tab = SCENES[self.scene](theatre)
        tab.ask(HOLD, HELD)
        tab.ask("place => document.querySelector(place).scrollIntoView()", AT.get(self.scene, ".top"))
        tab.shoot(str(path))


def _shots() -> Iterator[_Shot]:
    for scene in SCENES:
        yield _Shot(scene, scene, "light", _size(scene))
    for scene in DARK:
        yield _Shot(f"{scene}-dark", scene, "dark", _size(scene))
    for scene in NARROW:
        yield _Shot(f"{scene}-narrow", scene, "light", PHONE_SIZE)


def _size(scene: str) -> tuple[int, int]:
    return BOARD_SIZE if scene == "board" else SIZE


def main(arguments: list[str], root: Path = ROOT) -> int:
    """0 where all are there or were taken, 1 where `--check` misses one, 2 for an unknown option."""
    if arguments not in ([], ["--check"]):
        print("usage: python tools/screenshots.py [--check]", file=sys.stderr)
        return 2
    if not arguments:
        write(root)
        return 0
    found = missing(root)
    for name in found:
        print(f"{name} is not there: run `make docs`", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
