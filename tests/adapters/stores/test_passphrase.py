"""The key under a passphrase: for machines without a keyring and with a secret of their own."""

from pathlib import Path

import pytest

from signedin.errors import StoreError
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.passphrase import COST, WrappedKeyFile


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    """The file that SIGNEDIN_PASSPHRASE_FILE names."""
    path = tmp_path / "passphrase"
    path.write_text("correct horse\n")
    return path


def opened(app_paths: AppPaths, passphrase: Path) -> FileStore:
    """The store as a new process opens it, at a cost that suits a test."""
    return FileStore(app_paths, WrappedKeyFile(app_paths, str(passphrase), cost=2**4), kind="file")


@pytest.fixture
def store(app_paths: AppPaths, passphrase: Path) -> FileStore:
    """The store with one account, signed in."""
    store = opened(app_paths, passphrase)
    store.save_record(sample_record())
    commit(store, sample_session(), sign_in=True)
    return store


def test_it_costs_what_it_should() -> None:
    """128 MiB for each guess (OWASP's first choice of scrypt: N=2^17, r=8, p=1)."""
    assert COST * 8 * 128 == 128 * 2**20


def test_the_right_passphrase_opens_it(store: FileStore, app_paths: AppPaths, passphrase: Path) -> None:
    """Only the first line counts, whatever ends it."""
    passphrase.write_bytes(b"correct horse\r\nand a comment")
    assert opened(app_paths, passphrase).load(ACCOUNT).session is not None


@pytest.mark.parametrize("text", ["wrong horse\n", "", "\n"])
def test_a_wrong_passphrase_says_nothing_about_the_session(
    store: FileStore, app_paths: AppPaths, passphrase: Path, text: str
) -> None:
    """Nothing is set aside and nobody is sent to sign in: the setting is wrong, and neither text is shown."""
    passphrase.write_text(text)
    with pytest.raises(StoreError) as caught:
        opened(app_paths, passphrase).load(ACCOUNT)
    assert (caught.value.case, caught.value.path) == ("store-unavailable", str(passphrase))
    assert "horse" not in caught.value.message
    with pytest.raises(StoreError):
        commit(opened(app_paths, passphrase), sample_session("b"), sign_in=True)
    passphrase.write_text("correct horse")
    assert opened(app_paths, passphrase).load(ACCOUNT).session == sample_session(generation=1)


def test_a_missing_passphrase_is_met_by_the_probe(app_paths: AppPaths, passphrase: Path) -> None:
    """Before the browser opens, with the variable's name."""
    passphrase.unlink()
    with pytest.raises(StoreError, match="SIGNEDIN_PASSPHRASE_FILE"):
        opened(app_paths, passphrase).probe()


def test_a_file_that_asks_for_absurd_memory_is_damaged(store: FileStore, app_paths: AppPaths, passphrase: Path) -> None:
    """The cost comes from the file, so it has a ceiling."""
    key = Path(app_paths.account(ACCOUNT).wrapped_key)
    key.write_bytes(key.read_bytes().replace(b'"cost": 16', b'"cost": 1073741824'))
    with pytest.raises(StoreError) as caught:
        opened(app_paths, passphrase).load(ACCOUNT)
    assert caught.value.case == "file-corrupt-truncated"


def test_neither_key_nor_passphrase_lies_in_the_open(store: FileStore, app_paths: AppPaths) -> None:
    """The wrapped key is not a key."""
    files = b"".join(path.read_bytes() for path in Path(app_paths.home).rglob("*") if path.is_file())
    assert b"horse" not in files
    assert not Path(app_paths.account(ACCOUNT).key).exists()
