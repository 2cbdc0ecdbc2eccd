"""What a release is made of: the wheel and the sdist, built from the tree as git has it, and the wheel installed."""

import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What would be uploaded."""

    wheel: Path
    sdist: Path


def python(*arguments: str, cwd: Path | None = None) -> str:
    """Run this Python, with warnings as they come; its output. An error shows all of it."""
    command = [sys.executable, *arguments]
    ran = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd, check=False
    )
    said = ran.stdout.decode()
    assert ran.returncode == 0, said
    return said


def tree(directory: Path) -> Path:
    """A copy of what belongs to the repository, committed or about to be, without git's own."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, directory / name)
    return directory


def built(source: Path, into: Path) -> Release:
    """The sdist of these sources, and the wheel that is made from that sdist. Nothing is fetched."""
    python("-m", "build", "--no-isolation", "--outdir", str(into), str(source))
    (wheel,), (sdist,) = into.glob("*.whl"), into.glob("*.tar.gz")
    return Release(wheel=wheel, sdist=sdist)


def installed(wheel: Path, directory: Path) -> Path:
    """An environment with the wheel and what it requires without an extra, and nothing else; its directory of commands.

    What it requires is copied from the environment that runs the tests: nothing is fetched. pip says that it is whole.
    """
    venv.create(directory, symlinks=True)
    commands = directory / "bin"
    site = next(directory.glob("lib/python*/site-packages"))
    pip = ("-m", "pip", "--python", str(commands / "python"))
    python(*pip, "install", "--no-index", "--no-deps", "--no-cache-dir", str(wheel))
    (ours,) = Distribution.discover(name="signedin", path=[str(site)])
    for required in _closure(ours):
        _copy(required, site)
    python(*pip, "check")
    return commands


def _closure(ours: Distribution) -> list[Distribution]:
    """Everything that is required, also by what is required."""
    found: dict[str, Distribution] = {}
    asked: set[tuple[str, str]] = set()
    open_: list[tuple[Distribution, str]] = [(ours, "")]
    while open_:
        dist, extra = open_.pop()
        for each in map(Requirement, dist.requires or []):
            if each.marker is not None and not each.marker.evaluate({"extra": extra}):
                continue
            required = found.setdefault(each.name, distribution(each.name))
            new = {(each.name, wanted) for wanted in ("", *each.extras)} - asked
            asked |= new
            open_ += [(required, wanted) for _, wanted in new]
    return list(found.values())


def _copy(dist: Distribution, site: Path) -> None:
    for file in dist.files or []:
        source = Path(str(dist.locate_file(file)))
        if file.parts[0] != ".." and source.is_file():
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
