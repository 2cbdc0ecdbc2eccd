"""What lies on disk is trusted only if it is ours, a plain file, and nobody else's to write."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from signedin.errors import StoreError
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session
from signedin_adapters.stores import trust
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.key_file import KeyFile

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX owners and modes")


@pytest.fixture
def session_file(file_store: FileStore, app_paths: AppPaths) -> Path:
    """The session of the one account, signed in."""
    file_store.save_record(sample_record())
    commit(file_store, sample_session(), sign_in=True)
    return Path(app_paths.account(ACCOUNT).session)


def refused(call: Callable[[], object]) -> StoreError:
    """The refusal of what is not to be trusted."""
    with pytest.raises(StoreError) as caught:
        call()
    assert caught.value.case == "file-permission-or-owner"
    assert caught.value.path is not None
    assert caught.value.path in caught.value.message
    return caught.value


def test_everything_is_ours_alone_whatever_the_umask(app_paths: AppPaths) -> None:
    """Directories are 0700, files 0600, under a umask that forbids nothing."""
    before = os.umask(0)
    try:
        store = FileStore(app_paths, KeyFile(app_paths), kind="file")
        store.probe()
        store.save_record(sample_record())
        store.host_id()
        store.save_preferences(store.preferences())
        with store.claim(ACCOUNT, deadline=0) as claim:
            claim.commit(sample_session(), sign_in=True)
            claim.intend()
        store.mark_signed_out(ACCOUNT)
    finally:
        os.umask(before)
    found = list(Path(app_paths.home).rglob("*"))
    assert len(found) >= 11
    assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o700}


def test_a_symbolic_link_is_not_followed(file_store: FileStore, session_file: Path, tmp_path: Path) -> None:
    """A session that was moved away and linked is refused."""
    session_file.rename(tmp_path / "elsewhere")
    session_file.symlink_to(tmp_path / "elsewhere")
    refused(lambda: file_store.load(ACCOUNT))


def test_a_second_name_is_refused(file_store: FileStore, session_file: Path, tmp_path: Path) -> None:
    """A hard link would let a file live on elsewhere."""
    os.link(session_file, tmp_path / "second")
    refused(lambda: file_store.load(ACCOUNT))


def test_a_fifo_is_refused_and_holds_nobody(file_store: FileStore, session_file: Path) -> None:
    """Opening a FIFO would wait for ever."""
    session_file.unlink()
    os.mkfifo(session_file)
    refused(lambda: file_store.load(ACCOUNT))


def test_a_directory_in_the_place_of_a_file_is_refused(file_store: FileStore, session_file: Path) -> None:
    """It is named, not stumbled over."""
    session_file.unlink()
    session_file.mkdir()
    refused(lambda: file_store.load(ACCOUNT))


def test_a_foreign_file_is_refused_and_left_alone(
    file_store: FileStore, session_file: Path, make_foreign: Callable[[str], None]
) -> None:
    """The message says what to do; the mode and the bytes stay as they were."""
    before = session_file.read_bytes()
    make_foreign(str(session_file))
    assert "belongs to another user" in refused(lambda: file_store.load(ACCOUNT)).message
    assert session_file.read_bytes() == before


def test_a_foreign_directory_is_refused(
    file_store: FileStore, session_file: Path, make_foreign: Callable[[str], None]
) -> None:
    """Whoever owns the directory can exchange what lies in it."""
    make_foreign(str(session_file.parent))
    refused(lambda: file_store.load(ACCOUNT))
    refused(lambda: file_store.save_record(sample_record()))


def test_a_directory_that_others_may_write_to_is_refused(file_store: FileStore, session_file: Path) -> None:
    """The remedy is one command."""
    session_file.parent.chmod(0o770)
    assert "chmod go-w" in refused(lambda: file_store.load(ACCOUNT)).message


def test_a_linked_directory_of_ours_is_refused(file_store: FileStore, session_file: Path, tmp_path: Path) -> None:
    """Below the home nothing is followed."""
    session_file.parent.rename(tmp_path / "elsewhere")
    session_file.parent.symlink_to(tmp_path / "elsewhere")
    refused(lambda: file_store.load(ACCOUNT))


def test_the_home_itself_may_be_a_link(tmp_path: Path) -> None:
    """A user may keep it on another disk."""
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    paths = AppPaths(str(tmp_path / "home"), "demo")
    store = FileStore(paths, KeyFile(paths), kind="file")
    store.save_record(sample_record())
    assert len(store.records()) == 1


def test_a_planted_link_is_replaced_and_not_written_through(
    file_store: FileStore, session_file: Path, tmp_path: Path
) -> None:
    """A marker that is a link to somebody's file leaves that file alone."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    Path(f"{session_file.parent}/health.json").symlink_to(victim)
    Path(f"{session_file.parent}/signed-out").symlink_to(victim)
    file_store.mark_signed_out(ACCOUNT)
    assert victim.read_text() == "precious"


def test_root_makes_no_home_in_another_users_directory(
    tmp_path: Path, make_foreign: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """sudo with HOME kept would leave files that their user can never open."""
    make_foreign(str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    paths = AppPaths(str(tmp_path / "share" / "signedin"), "demo")
    assert "without sudo" in refused(FileStore(paths, KeyFile(paths), kind="file").probe).message
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_may_read_is_closed_to_them(session_file: Path, app_paths: AppPaths) -> None:
    """It is our own file, so it is mended when it is used, by a new process too."""
    key = Path(app_paths.account(ACCOUNT).key)
    key.chmod(0o644)
    FileStore(app_paths, KeyFile(app_paths), kind="file").load(ACCOUNT)
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("number", "case", "words"),
    [
        (errno.ENOSPC, "disk-full-or-readonly", "full or read-only"),
        (errno.ELOOP, "file-permission-or-owner", "symbolic link"),
        (errno.EPERM, "file-permission-or-owner", "owner and mode"),
        (errno.EIO, "store-unavailable", "EIO"),
        (0, "store-unavailable", "unknown error"),
    ],
)
def test_what_the_system_says_is_told_in_words(number: int, case: str, words: str) -> None:
    """With the path, and the symbol of what has no case of its own."""
    told = trust.store_error(OSError(number, "x"), "/home/ada/session")
    assert (told.case, told.path) == (case, "/home/ada/session")
    assert words in told.message
    assert "/home/ada/session" in told.message


class SharingViolation(PermissionError):
    """What Windows says of a file that another program has open."""

    winerror = 32


def test_windows_tells_its_denials_apart() -> None:
    """A file that another program has open is nobody else's. Not run on Windows."""
    told = trust.store_error(SharingViolation(errno.EACCES, "x"), "/home/ada/session")
    assert told.case == "store-unavailable"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """What is larger than anything we write is not ours."""
    (tmp_path / "session").write_bytes(bytes(trust.LIMIT + 1))
    with pytest.raises(StoreError) as caught:
        trust.read(str(tmp_path / "session"))
    assert caught.value.case == "file-corrupt-truncated"
