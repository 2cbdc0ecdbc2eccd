"""Small disks that tests can fill and make read-only, for root as well, in a mount namespace of their own.

Only the mounts are apart: programs that run there have the machine's network.
"""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

SIZE = "1m"


@cache
def _own_mounts() -> tuple[str, ...] | None:
    """How to get mounts of one's own here: as root, or as a user who may be root in a namespace."""
    for flags in (("--mount",), ("--mount", "--user", "--map-root-user")):
        try:
            tried = ["unshare", *flags, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
            if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
                return flags
        except OSError:
            return None
    return None


class OwnMounts:
    """A mount namespace. `through` is the command that runs another one there, `root` its files as seen from here."""

    def __init__(self, through: tuple[str, ...], root: str) -> None:
        self.through, self.root = through, root

    def run(self, *command: str) -> None:
        """Run it there, to its end."""
        subprocess.run([*self.through, *command], check=True)


@contextmanager
def own_mounts() -> Generator[OwnMounts]:
    """Until the end of the block. Skips the test where no such thing is to be had."""
    flags = _own_mounts()
    if flags is None:
        pytest.skip("needs mounts of its own (root, or user namespaces for everybody)")
    keeper = subprocess.Popen(
        ["unshare", *flags, "sh", "-c", "echo ready && exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert keeper.stdout is not None
    assert keeper.stdout.readline() == b"ready\n"
    as_user = ("--user", "--preserve-credentials") if "--user" in flags else ()
    try:
        through = ("nsenter", f"--target={keeper.pid}", "--mount", *as_user, "--")
        yield OwnMounts(through, f"/proc/{keeper.pid}/root")
    finally:
        keeper.communicate()  # the end of its stdin ends it


class BrokenDisk:
    """A disk of `SIZE` at `directory`, until the end of the block, which only `mounts` see. `home` lies on it."""

    def __init__(self, mounts: OwnMounts, directory: Path) -> None:
        self.mounts, self.home = mounts, directory / "home"
        self._directory, self._ballast = str(directory), str(directory / "ballast")

    def __enter__(self) -> "BrokenDisk":
        self.mounts.run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", self._directory)
        self.mounts.run("mkdir", "-m", "700", str(self.home))
        return self

    def __exit__(self, *_: object) -> None:
        self.mounts.run("umount", "--lazy", "--recursive", self._directory)

    @property
    def seen_from_here(self) -> Path:
        """The home, as a process that has not these mounts gets there."""
        return Path(f"{self.mounts.root}{self.home}")

    def take(self, file: Path) -> None:
        """Have a copy of a file in the home."""
        with file.open("rb") as data:
            write = [*self.mounts.through, "sh", "-c", 'cat >"$0"', str(self.home / file.name)]
            subprocess.run(write, stdin=data, check=True)

    def break_down(self, how: str) -> None:
        """It is "full" or "read-only"."""
        self.fill() if how == "full" else self.make_read_only()

    def mend(self, how: str) -> None:
        """It is well again."""
        self.free() if how == "full" else self.make_writable()

    def fill(self) -> None:
        """Not a byte is free any more."""
        self.mounts.run("sh", "-c", 'cat /dev/zero >"$0" 2>&-; test -s "$0"', self._ballast)

    def free(self) -> None:
        """There is room again."""
        self.mounts.run("rm", self._ballast)

    def make_read_only(self) -> None:
        """Nothing of the home can be written any more, whatever is open: as when a disk fails."""
        self.mounts.run("mount", "--bind", "-o", "ro", str(self.home), str(self.home))

    def make_writable(self) -> None:
        """As it was before."""
        self.mounts.run("umount", "--lazy", str(self.home))

    def pin(self, name: str) -> None:
        """The file of the one account cannot be replaced any more; all others can."""
        pin = 'f=$(echo "$0"/apps/*/accounts/*/"$1") && mount --bind "$f" "$f"'
        self.mounts.run("sh", "-c", pin, str(self.home), name)

    def unpin(self, name: str) -> None:
        """It can."""
        self.mounts.run("sh", "-c", 'umount --lazy "$0"/apps/*/accounts/*/"$1"', str(self.home), name)
