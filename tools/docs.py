"""Owns the generated pages: `python tools/docs.py` writes them, `--check` exits 1 where one has drifted.

Never edit what stands in `PAGES`: change what it is made from, and run `make docs`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "core"), str(ROOT / "adapters")]

from tools.cli import command_line  # noqa: E402
from tools.demo_picture import demo_svg  # noqa: E402
from tools.state_diagram import state_diagram  # noqa: E402
from tools.troubleshooting import troubleshooting  # noqa: E402

from signedin_adapters.diagram import overview_svg  # noqa: E402

PAGES: dict[str, Callable[[], str]] = {
    "docs/cli.md": command_line,
    "docs/images/demo.svg": demo_svg,
    "docs/images/overview.svg": overview_svg,
    "docs/state-diagram.md": state_diagram,
    "docs/troubleshooting.md": troubleshooting,
}
"""Every generated file under the root, with what makes its text."""


def drifted(root: Path) -> dict[str, str]:
    """The generated files below the root that do not hold what they must, with what they must."""
    made = {name: make() for name, make in PAGES.items()}
    return {name: text for name, text in made.items() if not _holds(root / name, text)}


def write(root: Path) -> None:
    """Write what has drifted."""
    for name, text in drifted(root).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {name}")


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_bytes() == text.encode()


def main(arguments: list[str], root: Path = ROOT) -> int:
    """0 where all is current, 1 where `--check` found drift, 2 for an unknown option."""
    if arguments not in ([], ["--check"]):
        print("usage: python tools/docs.py [--check]", file=sys.stderr)
        return 2
    if not arguments:
        write(root)
        return 0
    found = drifted(root)
    for name in found:
        print(f"{name} is not what its sources say: run `make docs`", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
