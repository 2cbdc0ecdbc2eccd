"""The note about a port: this user's alone, believed only where nobody else can have written it."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from signedin_adapters.loopback import note

PORT = 41_455
AUTHORITY = f"localhost:{PORT}"
SECRET = "s" * 43
NOBODY = 65534


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the note lies, in a home that is there."""
    return tmp_path / "listening" / str(PORT)


def plant(place: Path, line: str = f"{AUTHORITY} 4711 {SECRET}\n", mode: int = 0o600) -> None:
    """Write a note by hand."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    place.write_text(line)
    place.chmod(mode)


def read(place: Path) -> note.Note | None:
    return note.read(str(place.parents[1]), port=PORT)


def leave(place: Path) -> bool:
    """Whether a note is left there, by this process."""
    with note.left(str(place.parents[1]), port=PORT, authority=AUTHORITY) as secret:
        found = read(place)
        return found is not None and (found.pid, found.secret) == (os.getpid(), secret)


def test_what_is_left_is_read(place: Path) -> None:
    """The Host to ask, the process that left it, and its secret; of the secrets no two are alike."""
    secrets = set[str]()
    for _ in range(2):
        with note.left(str(place.parents[1]), port=PORT, authority=AUTHORITY) as secret:
            assert read(place) == note.Note(authority=AUTHORITY, pid=os.getpid(), secret=secret)
            secrets.add(secret.reveal())
    assert len(secrets) == 2


def test_it_is_for_this_user_alone(place: Path) -> None:
    """0600 in a directory 0700, whatever the umask allows."""
    umask = os.umask(0)
    try:
        with note.left(str(place.parents[1]), port=PORT, authority=AUTHORITY):
            assert stat.S_IMODE(place.stat().st_mode) == 0o600
            assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    finally:
        os.umask(umask)


def test_it_goes_with_its_listener(place: Path) -> None:
    """And the directory with the last one; what lies beside it is kept."""
    with note.left(str(place.parents[1]), port=PORT + 1, authority=f"localhost:{PORT + 1}"):
        assert leave(place)
        assert os.listdir(place.parent) == [str(PORT + 1)]
    assert not place.parent.exists()


def test_its_secret_is_not_shown(place: Path) -> None:
    """Neither by the note nor by what gives it."""
    with note.left(str(place.parents[1]), port=PORT, authority=AUTHORITY) as secret:
        assert secret.reveal() not in f"{read(place)!r} {secret!r} {secret}"


def test_a_forked_child_leaves_it_alone(place: Path) -> None:
    """The port is the parent's."""
    with note.left(str(place.parents[1]), port=PORT, authority=AUTHORITY):
        left = note.left(str(place.parents[1]), port=PORT, authority=AUTHORITY)
        with left:
            child = os.fork()
            if child == 0:
                try:
                    left.__exit__(None, None, None)
                finally:
                    os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            assert place.exists()


def test_where_there_is_no_home_there_is_no_note(tmp_path: Path) -> None:
    """A home is not made for it, and nothing fails."""
    assert not leave(tmp_path / "nowhere" / "listening" / str(PORT))
    assert not (tmp_path / "nowhere").exists()
    with note.left(None, port=PORT, authority=AUTHORITY) as secret:
        assert len(secret.reveal()) == 43


def to_elsewhere(place: Path) -> None:
    plant(place)
    place.rename(place.with_name("elsewhere"))


def as_a_link(place: Path) -> None:
    to_elsewhere(place)
    place.symlink_to("elsewhere")


def as_a_hard_link(place: Path) -> None:
    to_elsewhere(place)
    place.hardlink_to(place.with_name("elsewhere"))


def as_a_pipe(place: Path) -> None:
    place.parent.mkdir(mode=0o700)
    os.mkfifo(place, 0o600)


def as_a_directory(place: Path) -> None:
    place.mkdir(parents=True, mode=0o700)


def readable_by_others(place: Path) -> None:
    plant(place, mode=0o604)


def in_a_directory_of_all(place: Path) -> None:
    plant(place)
    place.parent.chmod(0o777)


def in_a_linked_directory(place: Path) -> None:
    plant(place)
    place.parent.rename(place.parents[1] / "elsewhere")
    place.parent.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "planted",
    [
        as_a_link,
        as_a_hard_link,
        as_a_pipe,
        as_a_directory,
        readable_by_others,
        in_a_directory_of_all,
        in_a_linked_directory,
    ],
)
def test_what_others_may_have_planted_is_not_believed(place: Path, planted: Callable[[Path], None]) -> None:
    """A link, a second name, no file, or a mode that lets others in."""
    planted(place)
    assert read(place) is None


def test_what_belongs_to_another_user_is_not_believed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is anything left in that user's directory."""
    plant(place)
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
        assert read(place) is None
        os.chown(place.parent, NOBODY, NOBODY)
    else:
        stranger = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: stranger)
        assert read(place) is None
    assert not leave(place)


@pytest.mark.parametrize("planted", [as_a_link, as_a_hard_link, as_a_pipe, readable_by_others])
def test_what_was_planted_is_replaced_and_not_followed(place: Path, planted: Callable[[Path], None]) -> None:
    """Whoever has the port writes a file of its own in its place."""
    planted(place)
    assert leave(place)
    elsewhere = place.with_name("elsewhere")
    assert not elsewhere.exists() or SECRET in elsewhere.read_text()


@pytest.mark.parametrize("planted", [as_a_directory, in_a_directory_of_all, in_a_linked_directory])
def test_where_no_note_can_be_kept_none_is_left(place: Path, planted: Callable[[Path], None]) -> None:
    """And nothing half-written stays."""
    planted(place)
    before = sorted(os.listdir(place.parent))
    assert not leave(place)
    assert sorted(os.listdir(place.parent)) == before


def test_what_can_be_written_by_hand_can_be_read(place: Path) -> None:
    """The lines that are refused below are refused for what is wrong with them."""
    plant(place)
    found = read(place)
    assert found is not None
    assert (found.authority, found.pid, found.secret.reveal()) == (AUTHORITY, 4711, SECRET)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        f"{AUTHORITY} 4711 {SECRET}",
        f"{AUTHORITY} 4711 {SECRET}x\n",
        f"{AUTHORITY} 4711 {SECRET}\n\n",
        f"{AUTHORITY} 4711 {SECRET[:-1]}\u00e9\n",
        f"{AUTHORITY} -4711 {SECRET}\n",
        f"{AUTHORITY} \u0664 {SECRET}\n",
        f"localhost:{PORT + 1} 4711 {SECRET}\n",
        f"id.example:{PORT} 4711 {SECRET}\n",
        f"localhost:{PORT}\r\nX: y 4711 {SECRET}\n",
        f"{AUTHORITY} 4711 {SECRET}\n" + "x" * 1000,
    ],
)
def test_a_line_that_is_not_ours_is_no_note(place: Path, line: str) -> None:
    """Another host or port, a broken line, anything that would reach a request."""
    plant(place, line)
    assert read(place) is None
