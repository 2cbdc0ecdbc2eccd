"""A small disk that tests can fill and make read-only, for root as well, in a mount namespace of its own.

Only the disk is apart: programs that run on it have the machine's network. It ends with the process that holds it.
"""

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from signedin_adapters.sandbox import Sandbox

SIZE = "1m"
_MOUNT = 'mount -t tmpfs -o size="$1",mode=700 tmpfs "$0" && mkdir -m 700 "$0/home" && echo ready && exec cat'


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


class BrokenDisk:
    """A disk of `SIZE` at `directory`, which only `inside` sees; a context manager that ends it.

    `home` lies on it, and knows the sandbox. Skips the test where no such thing is to be had.
    """

    def __init__(self, directory: Path, sandbox: Sandbox) -> None:
        flags = _own_mounts()
        if flags is None:
            pytest.skip("needs mounts of its own (root, or user namespaces for everybody)")
        self.home = directory / "home"
        self._ballast = directory / "ballast"
        self._keeper = subprocess.Popen(
            ["unshare", *flags, "sh", "-c", _MOUNT, str(directory), SIZE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == "ready\n"
        self._join = ["nsenter", f"--target={self._keeper.pid}", *(flags[:2])]
        if "--user" in flags:
            self._join.append("--preserve-credentials")
        reached = json.dumps({"issuer": sandbox.issuer, "api_base": sandbox.api_base})
        self._run("sh", "-c", 'printf %s "$1" >"$0"', str(self.home / "sandbox.json"), reached)

    def __enter__(self) -> "BrokenDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self._keeper.communicate()  # the end of its stdin ends it

    def inside(self, *command: str) -> list[str]:
        """The command, to be run where the disk is."""
        return [*self._join, "--", *command]

    def fill(self) -> None:
        """Not a byte is free any more."""
        self._run("sh", "-c", 'cat /dev/zero >"$0" 2>&-; test -s "$0"', str(self._ballast))

    def free(self) -> None:
        """There is room again."""
        self._run("rm", str(self._ballast))

    def make_read_only(self) -> None:
        """Nothing of the home can be written any more, whatever is open: as when a disk fails."""
        self._run("mount", "--bind", "-o", "ro", str(self.home), str(self.home))

    def make_writable(self) -> None:
        """As it was before."""
        self._run("umount", "--lazy", str(self.home))

    def pin(self, name: str) -> None:
        """The file of the one account cannot be replaced any more; all others can."""
        self._run("sh", "-c", 'f=$(echo "$0"/apps/*/accounts/*/"$1") && mount --bind "$f" "$f"', str(self.home), name)

    def unpin(self, name: str) -> None:
        """It can."""
        self._run("sh", "-c", 'umount --lazy "$0"/apps/*/accounts/*/"$1"', str(self.home), name)

    def _run(self, *command: str) -> None:
        subprocess.run(self.inside(*command), check=True)
