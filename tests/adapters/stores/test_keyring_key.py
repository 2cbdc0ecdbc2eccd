"""The OS keyring: taken by name, never waited for without an end, left alone for a minute once it refused."""

import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import keyring.errors
import pytest
from tests.support.fake_keyring import FAKE, WINDOWS_LIMIT, FakeKeyring
from tests.support.keyrings import NO_BUS

from signedin.errors import StoreError
from signedin.record import Preferences
from signedin.secret import Secret
from signedin.testing.sample_account import ACCOUNT, commit, kept, sample_record, sample_session, sign_out
from signedin_adapters.stores import keyring_key, patience
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.keyring_key import BACKENDS, KeyringKeys

Fake = type[FakeKeyring]
KEY_CHARACTERS = 44
"""256 bits in base64."""


@pytest.fixture
def holder(fake_keyring: Fake) -> KeyringKeys:
    """Keys of the app "demo" in the pretended keyring."""
    return KeyringKeys("demo", backends=(FAKE,))


@pytest.fixture
def store(app_paths: AppPaths, holder: KeyringKeys) -> FileStore:
    """Sealed files under keys in the pretended keyring, with one record."""
    store = FileStore(app_paths, holder, kind="keyring")
    store.save_record(sample_record())
    return store


def case_of(holder: KeyringKeys, error: Exception) -> str:
    """The case that an error of the keyring becomes."""

    def fail() -> None:
        raise error

    FakeKeyring.before = staticmethod(fail)
    with pytest.raises(StoreError) as caught:
        holder.fetch(ACCOUNT)
    assert "secret detail" not in caught.value.message
    return caught.value.case


def test_only_the_systems_own_keyrings_are_taken() -> None:
    """The list has no null, failing, plaintext or chained backend."""
    taken = {name.split(".")[2] for name in BACKENDS}
    assert taken == {"SecretService", "libsecret", "kwallet", "macOS", "Windows"}


REFUSED = (
    "keyring.backends.null.Keyring",
    "keyring.backends.fail.Keyring",
    "keyring.backends.chainer.ChainerBackend",
    "keyrings.alt.file.PlaintextKeyring",
    "keyrings.alt.file.EncryptedKeyring",
)
PROGRAM = """
import keyring
from signedin.errors import StoreError
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.stores.keys import new_key

chosen = type(keyring.get_keyring())
print(f"{chosen.__module__}.{chosen.__name__}")
for ask in (KeyringKeys("demo").probe, lambda: KeyringKeys("demo").keep("a", new_key())):
    try:
        ask()
    except StoreError as error:
        print(error.case)
"""


@pytest.mark.parametrize("backend", REFUSED)
@pytest.mark.parametrize("by", ["environment", "file"])
def test_what_else_is_set_or_installed_is_not_asked(backend: str, by: str, tmp_path: Path) -> None:
    """Neither PYTHON_KEYRING_BACKEND nor keyringrc.cfg brings in a backend that keyring itself would then use."""
    pytest.importorskip(backend.rpartition(".")[0], reason="needs keyrings.alt")
    root = Path(__file__).parents[3]
    environment = {
        "PYTHONPATH": f"{root}/core:{root}/adapters:{root}",
        "HOME": str(tmp_path),
        "DBUS_SESSION_BUS_ADDRESS": NO_BUS,
        "PATH": "/usr/bin:/bin",
    }
    if by == "environment":
        environment["PYTHON_KEYRING_BACKEND"] = backend
    else:
        settings = tmp_path / ".config" / "python_keyring" / "keyringrc.cfg"
        settings.parent.mkdir(parents=True)
        settings.write_text(f"[backend]\ndefault-keyring={backend}\n")
    ran = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=30)
    assert ran.stdout.split() == [backend, "keyring-backend-missing", "keyring-backend-missing"], ran.stderr
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.name != "keyringrc.cfg"] == []


def test_the_message_of_a_missing_keyring_has_the_exact_command(fake_keyring: Fake) -> None:
    """Whoever has no keyring is told how to go on without one."""
    with pytest.raises(StoreError, match=r"SIGNEDIN_STORE=file") as caught:
        KeyringKeys("demo", backends=("keyring.backends.nowhere.Keyring",)).check()
    assert caught.value.case == "keyring-backend-missing"


@pytest.mark.parametrize(
    ("error", "case"),
    [
        (keyring.errors.KeyringLocked("secret detail"), "keyring-locked"),
        (keyring.errors.InitError("secret detail"), "keyring-locked"),
        (keyring.errors.PasswordSetError("secret detail"), "keyring-denied"),
        (keyring.errors.NoKeyringError("secret detail"), "keyring-backend-missing"),
        (OSError("secret detail: the bus is gone"), "keyring-backend-missing"),
        (EOFError("secret detail"), "keyring-backend-missing"),
    ],
)
def test_whatever_a_keyring_raises_becomes_a_case(holder: KeyringKeys, error: Exception, case: str) -> None:
    """Its own words are not kept: they may quote anything."""
    assert case_of(holder, error) == case


def test_an_access_denied_by_the_keychain_is_told_from_a_lock(holder: KeyringKeys) -> None:
    """macOS reports both as locked; its cause tells them apart."""

    class KeychainDenied(Exception):
        pass

    error = keyring.errors.KeyringLocked("secret detail")
    error.__cause__ = KeychainDenied()
    assert case_of(holder, error) == "keyring-denied"


class VaultError(Exception):
    """As Windows' keyring raises it."""

    def __init__(self, winerror: int) -> None:
        super().__init__(winerror, "CredRead", "secret detail")
        self.winerror = winerror


class BusReply(Exception):
    """As jeepney raises it."""

    def __init__(self, name: str) -> None:
        super().__init__("secret detail")
        self.name = name


class BusError(Exception):
    """As dbus-python raises it."""

    def get_dbus_name(self) -> str:
        return str(self.args[0])


SERVICE_UNKNOWN = "org.freedesktop.DBus.Error.ServiceUnknown"


@pytest.mark.parametrize(
    ("wrapping", "cause", "case"),
    [
        (keyring.errors.PasswordSetError(), Exception(-25308, "Unknown Error"), "keyring-locked"),
        (keyring.errors.InitError(), BusReply(SERVICE_UNKNOWN), "keyring-backend-missing"),
        (keyring.errors.InitError(), BusError(SERVICE_UNKNOWN), "keyring-backend-missing"),
        (VaultError(5), None, "keyring-denied"),
        (OSError(13, "secret detail"), None, "keyring-backend-missing"),
    ],
)
def test_what_the_system_says_outweighs_the_class(
    holder: KeyringKeys, wrapping: Exception, cause: Exception | None, case: str
) -> None:
    """Its number or its name, there or in what it was raised from; an errno is no number of Windows'.

    The keychain's and the vault's were not run on macOS and Windows.
    """
    wrapping.__cause__ = cause
    assert case_of(holder, wrapping) == case


@pytest.fixture
def refused(holder: KeyringKeys, fake_keyring: Fake) -> KeyringKeys:
    """A holder whose keyring was locked a moment ago and is unlocked now."""
    assert case_of(holder, keyring.errors.KeyringLocked()) == "keyring-locked"
    fake_keyring.before = staticmethod(lambda: None)
    return holder


def test_a_keyring_that_refused_is_left_alone_for_a_while(refused: KeyringKeys, fake_keyring: Fake) -> None:
    """Each call would show the dialog again."""
    asked = len(fake_keyring.calls)
    with pytest.raises(StoreError) as caught:
        refused.fetch(ACCOUNT)
    assert (caught.value.case, len(fake_keyring.calls)) == ("keyring-locked", asked)


def test_a_refusal_is_forgotten(refused: KeyringKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that was unlocked meanwhile is found so, without a new process."""
    monkeypatch.setattr(keyring_key, "REFUSED_SECONDS", 0.0)
    assert refused.fetch(ACCOUNT) is None


def test_a_sign_in_asks_at_once(refused: KeyringKeys) -> None:
    """Its probe comes from a person who just unlocked the keyring."""
    refused.probe()
    assert refused.fetch(ACCOUNT) is None


def test_a_refusal_is_one_holders_alone(refused: KeyringKeys) -> None:
    """Another app of the process is not refused with it."""
    assert KeyringKeys("other", backends=(FAKE,)).fetch(ACCOUNT) is None


def test_a_keyring_that_never_answers_is_left_behind(
    holder: KeyringKeys, fake_keyring: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the background a call ends after its limit."""
    monkeypatch.setattr(patience, "BACKGROUND_SECONDS", 0.05)
    fake_keyring.hang()
    with pytest.raises(StoreError) as caught:
        holder.fetch(ACCOUNT)
    assert caught.value.case == "keyring-hung"


def test_in_the_foreground_the_user_is_told_what_is_waited_for(
    fake_keyring: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, after a moment of silence; the answer is then waited for longer."""
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.05)
    told: list[str] = []

    def answer(question: str) -> None:
        told.append(question)
        fake_keyring.released.set()

    fake_keyring.hang()
    assert KeyringKeys("demo", asking=answer, backends=(FAKE,)).fetch(ACCOUNT) is None
    assert len(told) == 1
    assert "look for its window" in told[0]


def test_the_probe_leaves_nothing(holder: KeyringKeys, fake_keyring: Fake) -> None:
    """It writes, reads back and deletes."""
    holder.probe()
    assert fake_keyring.calls[:2] == ["set", "get"]
    assert fake_keyring.entries == {}


def test_a_keyring_that_keeps_nothing_is_found_out(store: FileStore, fake_keyring: Fake) -> None:
    """By the probe before the browser opens, and by the first commit."""
    fake_keyring.keeps = False
    with pytest.raises(StoreError, match="did not keep it"):
        store.probe()
    with pytest.raises(StoreError, match="did not keep it"):
        commit(store, sample_session(), sign_in=True)


def test_the_key_is_written_once_and_read_once(store: FileStore, fake_keyring: Fake) -> None:
    """The first commit writes and reads it back; rotations and reads after it ask nothing."""
    commit(store, sample_session(), sign_in=True)
    assert fake_keyring.calls == ["get", "set", "get"]
    for name in "bcd":
        commit(store, sample_session(name))
        store.load(ACCOUNT)
    assert fake_keyring.calls == ["get", "set", "get"]
    assert list(fake_keyring.entries) == [("signedin:demo", ACCOUNT)]


def test_nothing_larger_than_a_key_is_ever_kept(store: FileStore, fake_keyring: Fake) -> None:
    """However large the tokens: Windows takes 2,560 bytes an entry, in UTF-16."""
    fake_keyring.limit = 2 * KEY_CHARACTERS
    store.probe()
    huge = Secret("t" * 100_000)
    commit(store, replace(sample_session(), access_token=huge, refresh_token=huge, id_token=huge), sign_in=True)
    sign_out(store, keep_for_revocation=True)
    assert [len(password) for password in fake_keyring.entries.values()] == [KEY_CHARACTERS]
    assert 2 * KEY_CHARACTERS < WINDOWS_LIMIT


def test_a_keyring_that_is_too_small_is_found_out_by_the_probe(store: FileStore, fake_keyring: Fake) -> None:
    """Before the browser opens; nothing of it is kept."""
    fake_keyring.limit = 2 * KEY_CHARACTERS - 1
    with pytest.raises(StoreError) as caught:
        store.probe()
    assert caught.value.case == "keyring-denied"
    assert fake_keyring.entries == {}


def test_the_key_is_never_on_the_disk(store: FileStore, app_paths: AppPaths, fake_keyring: Fake) -> None:
    """Neither as text nor as bytes, in no file."""
    commit(store, sample_session(), sign_in=True)
    (text,) = fake_keyring.entries.values()
    files = [path.read_bytes() for path in Path(app_paths.home).rglob("*") if path.is_file()]
    assert len(files) >= 2
    assert not any(text.encode() in data or b64decode(text) in data for data in files)


def test_the_key_goes_with_the_last_secret(store: FileStore, fake_keyring: Fake) -> None:
    """It stays while a refresh token waits for its revocation."""
    commit(store, sample_session(), sign_in=True)
    sign_out(store, keep_for_revocation=True)
    assert len(fake_keyring.entries) == 1
    store.drop_revocation(ACCOUNT, kept(sample_session()))
    assert fake_keyring.entries == {}


def test_a_sign_out_needs_no_keyring(store: FileStore, fake_keyring: Fake, app_paths: AppPaths) -> None:
    """With the keyring gone the tokens are removed all the same: the key that stays seals nothing."""
    commit(store, sample_session(), sign_in=True)

    def fail() -> None:
        raise keyring.errors.KeyringLocked

    fake_keyring.before = staticmethod(fail)
    sign_out(store)
    assert not Path(app_paths.account(ACCOUNT).session).exists()
    store.forget(ACCOUNT)
    assert not Path(app_paths.account(ACCOUNT).directory).exists()


def test_another_process_new_key_is_fetched(app_paths: AppPaths, store: FileStore, fake_keyring: Fake) -> None:
    """A key that was cached here does not outlive a sign-out and sign-in there."""
    commit(store, sample_session(), sign_in=True)
    there = FileStore(app_paths, KeyringKeys("demo", backends=(FAKE,)), kind="keyring")
    sign_out(there)
    committed = commit(there, sample_session("b"), sign_in=True)
    assert store.load(ACCOUNT).session == committed


def _fail(error: Exception) -> None:
    def fail() -> None:
        raise error

    FakeKeyring.before = staticmethod(fail)


def _null() -> None:
    FakeKeyring.entries, FakeKeyring.keeps = {}, False


def _too_small() -> None:
    FakeKeyring.entries, FakeKeyring.limit = {}, 2 * KEY_CHARACTERS - 1


STUBS: dict[str, tuple[Callable[[], object], str]] = {
    "missing": (lambda: _fail(keyring.errors.NoKeyringError()), "keyring-backend-missing"),
    "locked": (lambda: _fail(keyring.errors.KeyringLocked()), "keyring-locked"),
    "denied": (lambda: _fail(keyring.errors.PasswordSetError()), "keyring-denied"),
    "hung": (FakeKeyring.hang, "keyring-hung"),
    "failing": (lambda: _fail(RuntimeError("secret detail")), "keyring-backend-missing"),
    "null": (_null, "session-undecryptable"),
    "too small": (_too_small, "session-undecryptable"),
}
"""How each kind of broken keyring is made of the pretended one, and what a session that lies there meets."""


@pytest.fixture(params=STUBS)
def broken(
    request: pytest.FixtureRequest, store: FileStore, app_paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> tuple[FileStore, str]:
    """A store with a session in it, as another process finds it once the keyring is like that; and the case."""
    monkeypatch.setattr(patience, "BACKGROUND_SECONDS", 0.05)
    commit(store, sample_session(), sign_in=True)
    breaks, case = STUBS[request.param]
    breaks()
    return FileStore(app_paths, KeyringKeys("demo", backends=(FAKE,)), kind="keyring"), case


def test_no_sign_in_begins_over_a_broken_keyring(broken: tuple[FileStore, str]) -> None:
    """The probe finds each of them out, in words without the backend's own."""
    store, _ = broken
    with pytest.raises(StoreError) as caught:
        store.probe()
    assert "secret detail" not in caught.value.message


def test_the_session_is_kept_and_its_case_is_told(broken: tuple[FileStore, str], app_paths: AppPaths) -> None:
    """Nothing is thrown away, nothing is sealed anew, and no key goes into a file instead."""
    store, case = broken
    session = Path(app_paths.account(ACCOUNT).session)
    before = session.read_bytes()
    with pytest.raises(StoreError) as caught:
        store.load(ACCOUNT)
    assert caught.value.case == case
    with suppress(StoreError):
        commit(store, sample_session("b"))
    assert session.read_bytes() == before
    assert not Path(app_paths.account(ACCOUNT).key).exists()


def test_what_needs_no_key_goes_on(broken: tuple[FileStore, str], app_paths: AppPaths) -> None:
    """Records, preferences, and a sign-out that removes the tokens."""
    store, _ = broken
    assert [record.id for record in store.records()] == [ACCOUNT]
    store.save_preferences(Preferences(default_account="work"))
    assert store.preferences().default_account == "work"
    sign_out(store)
    assert not Path(app_paths.account(ACCOUNT).session).exists()
    store.forget(ACCOUNT)
    assert store.records() == ()
