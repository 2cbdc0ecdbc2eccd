"""A file is whole, as it was or as it should be, whatever fails in between."""

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from signedin.errors import StoreError
from signedin.session import Session
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session, soon
from signedin_adapters.stores import durable
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.key_file import KeyFile

CALLS = ("open", "write", "ftruncate", "fsync", "replace", "unlink")
REPOSITORY = Path(__file__).parents[3]


class Failing:
    """Counts the system calls of a piece of code, and makes one of them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, at: int = -1, number: int = errno.ENOSPC) -> None:
        self.count, self._at, self._number = 0, at, number
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrap(getattr(os, name)))

    def _wrap(self, call: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **kwargs: object) -> object:
            self.count += 1
            if self.count - 1 == self._at:
                raise OSError(self._number, "planted")
            return call(*args, **kwargs)

        return counted


@pytest.fixture
def signed_in(file_store: FileStore) -> Session:
    """The one account's first session."""
    file_store.save_record(sample_record())
    return commit(file_store, sample_session(), sign_in=True)


def rotate(store: FileStore, session: Session, *, intended: bool) -> Session:
    """Commit as a refresh does, or as a later try to save does that finds no intent."""
    with store.claim(ACCOUNT, deadline=soon()) as claim:
        if intended:
            claim.intend()
        return claim.commit(session)


@pytest.mark.parametrize("intended", [True, False], ids=["with an intent", "without"])
def test_whichever_call_of_a_commit_fails_one_session_is_left(
    file_store: FileStore, app_paths: AppPaths, signed_in: Session, monkeypatch: pytest.MonkeyPatch, intended: bool
) -> None:
    """Every system call of a refresh's commit fails once: the old session or the new one can be opened after it."""
    with monkeypatch.context() as patch:
        counting = Failing(patch)
        rotate(file_store, sample_session("counted"), intended=intended)
    outcomes = set[bool]()
    for at in range(counting.count):
        before = file_store.load(ACCOUNT).session
        with monkeypatch.context() as patch, suppress(StoreError):
            Failing(patch, at=at)
            rotate(file_store, sample_session(f"try-{at}"), intended=intended)
        after = FileStore(app_paths, KeyFile(app_paths), kind="file").load(ACCOUNT).session
        assert before is not None
        assert after in (before, sample_session(f"try-{at}", generation=before.generation + 1))
        outcomes.add(after == before)
    assert outcomes == {True, False}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_disk_that_takes_nothing_is_named(
    file_store: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Full, read-only and over quota are one case, with the path; no temporary file is left."""

    def refuse(_: int) -> None:
        raise OSError(number, "planted")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(StoreError) as caught:
            commit(file_store, sample_session("b"))
    assert caught.value.case == "disk-full-or-readonly"
    assert "planted" not in caught.value.message
    assert file_store.load(ACCOUNT).session == signed_in


def test_what_is_left_of_dead_writers_is_swept(file_store: FileStore, app_paths: AppPaths, signed_in: Session) -> None:
    """A claim sweeps the session's temporary files at once and others after an hour."""
    directory = Path(app_paths.account(ACCOUNT).directory)
    names = (".session.00.tmp", ".health.json.00.tmp", ".account.json.00.tmp")
    for name in names:
        (directory / name).write_text("")
    os.utime(directory / names[2], (0, 0))
    commit(file_store, sample_session("b"))
    assert [name for name in names if (directory / name).exists()] == [names[1]]


def test_set_aside_files_never_replace_each_other(tmp_path: Path) -> None:
    """Each damaged file gets a name of its own."""
    for text in ("one", "two"):
        (tmp_path / "session").write_text(text)
        durable.set_aside(str(tmp_path / "session"))
    durable.set_aside(str(tmp_path / "session"))
    assert (tmp_path / "session.corrupt-1").read_text() == "one"
    assert (tmp_path / "session.corrupt-2").read_text() == "two"


def run(code: str, *arguments: str, prefix: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    """Run a piece of Python in a process of its own."""
    setup = (
        "import os, signal, sys, time\nfrom signedin.testing.sample_account import *\nfrom signedin.errors import *\n"
    )
    setup += "from signedin_adapters.stores.opening import file\nstore = file(app='demo', home=sys.argv[1])\n"
    path = os.pathsep.join(str(REPOSITORY / root) for root in ("core", "adapters", "."))
    return subprocess.run(
        [*prefix, sys.executable, "-c", setup + textwrap.dedent(code), *arguments],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("call", "nth"), [("write", 1), ("fsync", 1), ("replace", 1), ("fsync", 2)])
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_process_that_is_killed_in_a_commit_leaves_one_session(
    file_store: FileStore, app_paths: AppPaths, call: str, nth: int, moment: str
) -> None:
    """kill -9 before and after each step of a sign-in's commit; the lock is free and the next commit goes on."""
    file_store.save_record(sample_record())
    commit(file_store, sample_session("old"), sign_in=True)
    file_store.mark_signed_out(ACCOUNT)
    killed = run(
        """
        call, nth, moment = sys.argv[2], int(sys.argv[3]), sys.argv[4]
        real, count = getattr(os, call), 0

        def dying(*args, **kwargs):
            global count
            count += 1
            result = real(*args, **kwargs) if count != nth or moment == "after" else None
            if count == nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        with store.claim(ACCOUNT, deadline=soon()) as claim:
            setattr(os, call, dying)
            claim.commit(sample_session("new"), sign_in=True)
        """,
        app_paths.home,
        call,
        str(nth),
        moment,
    )
    assert killed.returncode == -9, killed.stderr
    stored = FileStore(app_paths, KeyFile(app_paths), kind="file").load(ACCOUNT)
    old, new = sample_session("old", generation=1), sample_session("new", generation=2)
    assert stored.session in (old, new)
    assert stored.signed_out == (stored.session == old)
    commit(file_store, sample_session("next"), sign_in=True)
    assert not [name for name in os.listdir(app_paths.account(ACCOUNT).directory) if name.endswith(".tmp")]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["write", "ftruncate", "fsync", "replace"])
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_process_that_is_killed_while_it_fills_its_intent_leaves_a_doubt(
    file_store: FileStore, app_paths: AppPaths, signed_in: Session, call: str, moment: str
) -> None:
    """Empty, torn or whole: until it has the session's name it is an intent, and the session before is untouched."""
    killed = run(
        """
        call, moment = sys.argv[2:]
        real = getattr(os, call)

        def dying(*args, **kwargs):
            if moment == "after":
                real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.intend()
            setattr(os, call, dying)
            claim.commit(sample_session("new"))
        """,
        app_paths.home,
        call,
        moment,
    )
    assert killed.returncode == -9, killed.stderr
    stored, renamed = file_store.load(ACCOUNT), (call, moment) == ("replace", "after")
    assert stored.session == (sample_session("new", generation=2) if renamed else signed_in)
    assert stored.in_doubt is not renamed
    assert rotate(file_store, sample_session("next"), intended=True).generation == (3 if renamed else 2)
    assert not file_store.load(ACCOUNT).in_doubt


def test_two_processes_lose_no_commit(file_store: FileStore, app_paths: AppPaths) -> None:
    """Twice twenty-five commits from two processes make fifty generations, each given out once."""
    file_store.save_record(sample_record())
    code = "print(*[commit(store, sample_session(str(n)), sign_in=True).generation for n in range(25)])"
    command = f"import sys; sys.argv[1:] = [{app_paths.home!r}]\n"
    both = run(
        """
        import subprocess
        command = [sys.executable, "-c", sys.argv[2]]
        others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in "ab"]
        print(*[other.communicate()[0] for other in others])
        """,
        app_paths.home,
        command
        + "from signedin.testing.sample_account import *\nfrom signedin_adapters.stores.opening import file\n"
        + f"store = file(app='demo', home=sys.argv[1])\n{code}",
    )
    assert sorted(map(int, both.stdout.split())) == list(range(1, 51)), both.stderr


@pytest.fixture
def small_disk(app_paths: AppPaths) -> tuple[str, ...]:
    """The prefix of a command that may mount a small disk over the home."""
    prefix = ("unshare", "--mount", "--map-root-user")
    os.makedirs(app_paths.home, mode=0o700)
    if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs mount namespaces (unshare --mount --map-root-user)")
    return prefix


@pytest.mark.linux
def test_an_answer_has_its_room_on_a_disk_that_is_full_by_now(app_paths: AppPaths, small_disk: tuple[str, ...]) -> None:
    """What the intent reserved is what the commit uses: not a byte more is asked for after the token was spent."""
    full = run(
        """
        import subprocess
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", sys.argv[1]], check=True)
        store.save_record(sample_record())
        commit(store, sample_session(), sign_in=True)
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.intend()
            try:
                with open(sys.argv[1] + "/ballast", "wb", buffering=0) as file:
                    while True:
                        file.write(bytes(4096))
            except OSError:
                print("full")
            committed = claim.commit(sample_session("b"))
        assert store.load(ACCOUNT).session == committed and not store.load(ACCOUNT).in_doubt
        """,
        app_paths.home,
        prefix=small_disk,
    )
    assert (full.stdout.strip(), full.returncode) == ("full", 0), full.stderr


@pytest.mark.linux
def test_a_full_disk_is_met_by_the_intent_before_anything_is_sent(
    app_paths: AppPaths, small_disk: tuple[str, ...]
) -> None:
    """On a disk with room for the session and not for an answer, the intent fails and the session stays."""
    full = run(
        """
        import subprocess
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k,mode=700", "tmpfs", sys.argv[1]], check=True)
        store.save_record(sample_record())
        committed = commit(store, sample_session(), sign_in=True)
        with open(sys.argv[1] + "/ballast", "wb") as file:
            file.write(bytes(32 * 1024))
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            try:
                claim.intend()
            except StoreError as error:
                print(error.case)
        assert store.load(ACCOUNT).session == committed and not store.load(ACCOUNT).in_doubt
        try:
            store.probe()
        except StoreError as error:
            print(error.case)
        """,
        app_paths.home,
        prefix=small_disk,
    )
    assert full.stdout.split() == ["disk-full-or-readonly"] * 2, full.stderr


def test_a_limit_on_file_sizes_is_a_full_disk(app_paths: AppPaths) -> None:
    """What the system will not let us write is met by the probe, without any privilege to arrange it."""
    limited = run(
        """
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
        try:
            store.probe()
        except StoreError as error:
            print(error.case)
        """,
        app_paths.home,
    )
    assert limited.stdout.strip() == "disk-full-or-readonly", limited.stderr


def test_where_a_reader_hinders_the_rename_it_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that somebody has open, for as long as it is open. Not run there."""
    path, real, refused = str(tmp_path / "file"), os.replace, [True, True]

    def hindered(source: str, target: str) -> None:
        if refused:
            refused.pop()
            raise PermissionError(13, "The process cannot access the file")
        real(source, target)

    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(os, "replace", hindered)
    durable.write(path, b"new")
    assert Path(path).read_bytes() == b"new"


def test_a_note_that_is_written_while_its_directory_goes_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Health and lists are noted without the account's lock."""
    directory, rmdir, late = tmp_path / "account", os.rmdir, iter(("health.json", "models.json"))
    directory.mkdir()

    def removed(path: str, **options: int) -> None:
        for name in late:
            (directory / name).write_text("{}")
            break
        rmdir(path, **options)

    monkeypatch.setattr(os, "rmdir", removed)
    durable.remove_directory(str(directory))
    assert not directory.exists()


def test_a_file_that_goes_while_its_directory_does_is_none_to_complain_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary file takes its name, or is removed by whoever wrote it."""
    directory, unlink = tmp_path / "account", os.unlink
    directory.mkdir()
    (directory / ".health.json.tmp").write_text("{}")
    gone = iter((True,))

    def removed(path: str, **options: int) -> None:
        unlink(path, **options)
        if next(gone, False):
            raise FileNotFoundError(errno.ENOENT, "gone", path)

    monkeypatch.setattr(os, "unlink", removed)
    durable.remove_directory(str(directory))
    assert not directory.exists()


def test_a_directory_that_somebody_keeps_filling_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end to it."""
    directory, rmdir = tmp_path / "account", os.rmdir
    directory.mkdir()

    def removed(path: str, **options: int) -> None:
        (directory / "health.json").write_text("{}")
        rmdir(path, **options)

    monkeypatch.setattr(os, "rmdir", removed)
    with pytest.raises(StoreError, match="ENOTEMPTY"):
        durable.remove_directory(str(directory))


def test_a_directory_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    """Whoever asks believed that it was."""
    with pytest.raises(StoreError, match="ENOENT"):
        durable.remove_directory(str(tmp_path / "account"))
