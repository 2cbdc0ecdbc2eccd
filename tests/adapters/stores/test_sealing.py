"""A session cannot be read, changed, cut short or moved to another account."""

import json
import shutil
from pathlib import Path

import pytest

from signedin.errors import StoreError
from signedin.secret import Secret
from signedin.testing.sample_account import ACCOUNT, CANARY, commit, sample_record, sample_session, sign_out
from signedin_adapters.stores import sealing
from signedin_adapters.stores.fields import SCHEMA
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.key_file import KeyFile

BROKEN = {"file-corrupt-truncated", "session-undecryptable", "schema-newer"}


@pytest.fixture
def session_file(file_store: FileStore, app_paths: AppPaths) -> Path:
    """The session of the one account, signed in."""
    file_store.save_record(sample_record())
    commit(file_store, sample_session(), sign_in=True)
    return Path(app_paths.account(ACCOUNT).session)


def case_of_load(store: FileStore, account_id: str = ACCOUNT) -> str:
    """The case by which loading fails."""
    with pytest.raises(StoreError) as caught:
        store.load(account_id)
    return caught.value.case


def test_no_token_lies_in_the_open(session_file: Path, app_paths: AppPaths) -> None:
    """The canary of every token is in no file's bytes and in no file's name."""
    for path in Path(app_paths.home).rglob("*"):
        assert CANARY not in path.name
        assert path.is_dir() or CANARY.encode() not in path.read_bytes()


def test_the_first_line_says_everything_but_the_tokens(session_file: Path) -> None:
    """Anybody's tool can read it as JSON."""
    header = json.loads(session_file.read_bytes().partition(b"\n")[0])
    assert header["account"] == ACCOUNT
    assert (header["generation"], header["expires_at"], header["plan_enabled"]) == (1, 4600.0, True)
    assert header["token_endpoint"] == "https://id.example/token"
    assert header["key_in"] == "file"


def test_every_flipped_bit_is_noticed(file_store: FileStore, session_file: Path) -> None:
    """One bit of any byte, in the header as in the tokens."""
    whole = session_file.read_bytes()
    for position in range(len(whole)):
        broken = bytearray(whole)
        broken[position] ^= 1
        session_file.write_bytes(bytes(broken))
        assert case_of_load(file_store) in BROKEN | {"store-unavailable"}


def test_every_cut_is_noticed(file_store: FileStore, session_file: Path) -> None:
    """A file that ends anywhere before its end is damaged, not undecryptable."""
    whole = session_file.read_bytes()
    for length in range(0, len(whole), 7):
        session_file.write_bytes(whole[:length])
        assert case_of_load(file_store) == "file-corrupt-truncated"
    session_file.write_bytes(whole + b"\n")
    assert case_of_load(file_store) == "file-corrupt-truncated"


def test_a_session_of_another_account_is_noticed(
    file_store: FileStore, session_file: Path, app_paths: AppPaths
) -> None:
    """Swapped files are refused, and so is a swap with the key beside it."""
    file_store.save_record(sample_record("other"))
    commit(file_store, sample_session("other"), account_id="other", sign_in=True)
    other = app_paths.account("other")
    shutil.copyfile(session_file, other.session)
    assert case_of_load(file_store, "other") == "session-undecryptable"
    shutil.copyfile(app_paths.account(ACCOUNT).key, other.key)
    assert case_of_load(FileStore(app_paths, KeyFile(app_paths), kind="file"), "other") == "session-undecryptable"


def test_the_kept_refresh_token_cannot_pass_for_a_session(
    file_store: FileStore, session_file: Path, app_paths: AppPaths
) -> None:
    """What is kept for its revocation is the refresh token alone, and says so under its seal."""
    key = Secret(Path(app_paths.account(ACCOUNT).key).read_text().strip())
    sign_out(file_store, keep_for_revocation=True)
    kept = Path(app_paths.account(ACCOUNT).revocation_pending)
    tokens = json.loads(sealing.open_text(kept.read_bytes(), key, str(kept)))
    assert tokens == {"schema": SCHEMA, "refresh_token": f"{CANARY}-refresh-first"}
    kept.rename(session_file)
    assert case_of_load(file_store) == "file-corrupt-truncated"


def test_the_addresses_are_those_that_were_signed_in_with(file_store: FileStore, session_file: Path) -> None:
    """A record that was changed beside the session does not move it: the sealed header's word counts."""
    file_store.save_record(sample_record(token_endpoint="https://evil.example/token", api_base=None))
    assert file_store.load(ACCOUNT).record == sample_record()
    commit(file_store, sample_session("b"))
    assert file_store.load(ACCOUNT).record.token_endpoint == "https://id.example/token"


def test_a_sign_in_binds_the_session_to_new_addresses(file_store: FileStore, session_file: Path) -> None:
    """The record that was saved for it counts from its commit on."""
    moved = sample_record(token_endpoint="https://id.example/v2/token")
    file_store.save_record(moved)
    commit(file_store, sample_session("b"), sign_in=True)
    assert file_store.load(ACCOUNT).record == moved


def test_a_lost_key_makes_the_session_undecryptable(session_file: Path, app_paths: AppPaths) -> None:
    """It stays where it is until a sign-in takes its place, and then lies beside it."""
    before = session_file.read_bytes()
    Path(app_paths.account(ACCOUNT).key).unlink()
    store = FileStore(app_paths, KeyFile(app_paths), kind="file")
    assert case_of_load(store) == "session-undecryptable"
    assert session_file.read_bytes() == before
    assert commit(store, sample_session("b"), sign_in=True).generation == 2
    assert Path(f"{session_file}.corrupt-1").read_bytes() == before
    assert store.load(ACCOUNT).session == sample_session("b", generation=2)


def test_each_commit_is_sealed_anew(file_store: FileStore, session_file: Path) -> None:
    """The same tokens never look the same: nonces are random."""
    lines = set[bytes]()
    for _ in range(20):
        commit(file_store, sample_session())
        lines.add(session_file.read_bytes().splitlines()[1])
    assert len(lines) == 20
