"""One write a line, and rotation by size, on real files and in real processes."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from signedin_adapters.log.rotating import RotatingFile

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")

WRITER = """
import json, sys
from signedin_adapters.log.rotating import RotatingFile
file = RotatingFile(sys.argv[1], max_bytes=int(sys.argv[2]), files=100)
print(flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[4])):
    file.append(json.dumps({"writer": sys.argv[3], "number": number, "filler": "x" * (number % 300)}).encode() + b"\\n")
"""

LIMITED = """
import resource, sys
from signedin_adapters.log.rotating import RotatingFile
file = RotatingFile(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (25, -1))
file.append(b"123456789\\n")
file.append(b"123456789\\n")
file.append(b"123456789\\n")
try:
    file.append(b"lost\\n")
except OSError:
    pass
resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
file.append(b"after\\n")
"""


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def lines_of(directory: Path) -> list[bytes]:
    return [line for file in directory.glob("log.jsonl*") for line in file.read_bytes().splitlines()]


@pytest.mark.parametrize("max_bytes", [10_000_000, 20_000], ids=["one file", "rotating"])
def test_four_processes_lose_and_tear_nothing(tmp_path: Path, max_bytes: int) -> None:
    """Every line of every process is there once, whole, in its writer's order, rotation or not."""
    path, count = tmp_path / "log.jsonl", 500
    arguments = [sys.executable, "-c", WRITER, str(path), str(max_bytes)]
    writers = [
        subprocess.Popen(
            [*arguments, str(name), str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
        )
        for name in range(4)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:
        writer.communicate(b"go\n", timeout=30)
        assert writer.returncode == 0
    records = [json.loads(line) for line in lines_of(tmp_path)]
    expected = [(str(name), number) for name in range(4) for number in range(count)]
    assert sorted((record["writer"], record["number"]) for record in records) == expected
    rotated = len(list(tmp_path.glob("log.jsonl.[0-9]*")))
    assert rotated > 4 if max_bytes == 20_000 else rotated == 0


def test_a_file_that_is_full_makes_room(tmp_path: Path) -> None:
    """The youngest lines are in the file itself, older ones in `.1`, `.2`; the oldest are gone."""
    file = RotatingFile(str(tmp_path / "log.jsonl"), max_bytes=20, files=3)
    for number in range(10):
        file.append(f"line {number}.....\n".encode())
    found = {path.name: path.read_text() for path in tmp_path.glob("log.jsonl*")}
    assert found == {
        "log.jsonl": "line 9.....\n",
        "log.jsonl.1": "line 8.....\n",
        "log.jsonl.2": "line 7.....\n",
    }


def test_a_line_larger_than_a_file_has_one_to_itself(tmp_path: Path) -> None:
    """No line is cut to fit."""
    file = RotatingFile(str(tmp_path / "log.jsonl"), max_bytes=20)
    file.append(b"x" * 100 + b"\n")
    file.append(b"short\n")
    assert (tmp_path / "log.jsonl").read_bytes() == b"short\n"
    assert (tmp_path / "log.jsonl.1").read_bytes() == b"x" * 100 + b"\n"


@posix
def test_who_holds_the_lock_rotates_and_nobody_waits_for_it(tmp_path: Path) -> None:
    """A process that was stopped in the middle of a rotation holds nobody up, and no line is lost."""
    import fcntl

    file = RotatingFile(str(tmp_path / "log.jsonl"), max_bytes=10)
    file.append(b"first line\n")
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file.append(b"second line\n")
    assert (tmp_path / "log.jsonl").read_bytes() == b"first line\nsecond line\n"
    file.append(b"third line\n")
    assert (tmp_path / "log.jsonl").read_bytes() == b"third line\n"


@posix
def test_files_and_directories_are_the_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask allows."""
    path = tmp_path / "apps" / "log" / "log.jsonl"
    before = os.umask(0)
    try:
        RotatingFile(str(path)).append(b"line\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


@posix
def test_a_file_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    """Who may read it is for whoever made it to say."""
    path = tmp_path / "log.jsonl"
    path.touch()
    path.chmod(0o644)
    RotatingFile(str(path)).append(b"line\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@posix
@pytest.mark.parametrize("below", ["log.jsonl", "signedin/apps/acme/log/log.jsonl"])
def test_root_makes_nothing_in_another_users_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    """Under sudo with the user's HOME, say: that user could never open what root left there."""
    home = tmp_path / "home"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, 65534, 65534)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(PermissionError):
        RotatingFile(str(home / below)).append(b"line\n")
    assert list(home.iterdir()) == []


@posix
@pytest.mark.parametrize("plant", ["symlink", "hard link", "fifo", "directory"])
def test_what_was_planted_in_its_place_is_not_written_to(tmp_path: Path, plant: str) -> None:
    """A link, a pipe or a directory is no log; nothing reaches what lies behind it."""
    path, victim = tmp_path / "log.jsonl", tmp_path / "victim"
    victim.write_bytes(b"")
    if plant == "symlink":
        path.symlink_to(victim)
    elif plant == "hard link":
        path.hardlink_to(victim)
    elif plant == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(OSError):
        RotatingFile(str(path)).append(b"line\n")
    assert victim.read_bytes() == b""


@posix
def test_a_disk_that_took_half_a_line_spoils_no_other(tmp_path: Path) -> None:
    """What comes after a torn line begins on a line of its own."""
    path = tmp_path / "log.jsonl"
    subprocess.run([sys.executable, "-c", LIMITED, str(path)], env=environment(), check=True, timeout=30)
    assert path.read_bytes() == b"123456789\n123456789\n12345\nafter\n"
