"""The store over somebody else's buckets: two stores of one place are two processes, and the place may fail."""

import json
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from signedin.errors import StoreError, UnknownAccount
from signedin.record import Health, LeftBehind, Preferences
from signedin.session import Session
from signedin.testing import StoreContract
from signedin.testing.sample_account import (
    ACCOUNT,
    CANARY,
    commit,
    kept,
    sample_models,
    sample_record,
    sample_session,
    sign_out,
    soon,
)
from signedin_adapters.stores import host, sealing
from signedin_adapters.stores.fields import SCHEMA
from signedin_adapters.stores.key_value import KeyDirectory, KeyValueStore, LockFiles
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.stores.memory import MemoryBuckets, MemoryKeys
from signedin_adapters.stores.revocations import REVOCATION_SECONDS

BUCKET = f"account-{ACCOUNT}"
NEWER = {"schema": SCHEMA + 1, "writer": "9.9"}


class Place(MemoryBuckets):
    """Buckets whose contents a test can see and change, and whose transactions can be made to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: Callable[[dict[str, bytes]], bool] = lambda items: False

    @contextmanager
    def transaction(self, bucket: str) -> Generator[dict[str, bytes]]:
        with super().transaction(bucket) as items:
            yield items
            if self.fails(items):
                raise StoreError("There is no room", case="disk-full-or-readonly")

    def put(self, name: str, data: bytes, *, bucket: str = BUCKET) -> None:
        """Write an item as nobody of ours would."""
        with super().transaction(bucket) as items:
            items[name] = data

    def edit(self, name: str, *, bucket: str = BUCKET, **changes: object) -> None:
        """Change fields of an item's JSON, or of its first line."""
        data = self.read(bucket)[name].decode()
        fields, end = json.JSONDecoder().raw_decode(data)
        self.put(name, (json.dumps(fields | changes) + data[end:]).encode(), bucket=bucket)


@pytest.fixture
def place() -> Place:
    """The buckets that all stores of a test share."""
    return Place()


@pytest.fixture
def make(place: Place, tmp_path: Path) -> Callable[..., KeyValueStore]:
    """Makes a store over the place, as another process would have it."""
    keys = MemoryKeys()

    def make(**settings: object) -> KeyValueStore:
        given = {"locks": LockFiles(tmp_path / "locks"), "app_name": "Acme Notes", "kind": "acme", "keys": keys}
        return KeyValueStore(place, **given | settings)  # type: ignore[arg-type]

    return make


@pytest.fixture
def store(make: Callable[..., KeyValueStore]) -> KeyValueStore:
    """The process that a test is about."""
    return make()


@pytest.fixture
def elsewhere(make: Callable[..., KeyValueStore]) -> KeyValueStore:
    """Another one."""
    return make()


@pytest.fixture
def signed_in(store: KeyValueStore) -> Session:
    """The one account's first session."""
    store.save_record(sample_record())
    return commit(store, sample_session(), sign_in=True)


class TestKeyValueStore(StoreContract):
    """Buckets in memory, locks in files, keys in files."""

    @pytest.fixture
    def store(self, make: Callable[..., KeyValueStore], tmp_path: Path) -> KeyValueStore:
        return make(keys=KeyDirectory(tmp_path / "keys"))


def fail_to_commit(store: KeyValueStore, place: Place) -> None:
    """A refresh whose answer cannot be saved: it lies in the memory of this store's process."""
    place.fails = lambda items: "intent" not in items
    with store.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
        with pytest.raises(StoreError, match="no room"):
            claim.commit(sample_session("unsaved"))
    place.fails = lambda items: False


# What lies there.


def test_no_token_lies_there_in_the_open(store: KeyValueStore, place: Place, signed_in: Session) -> None:
    """Neither while somebody is signed in, nor while a token waits for its revocation."""
    assert CANARY.encode() not in b"".join(place.read(BUCKET).values())
    sign_out(store, keep_for_revocation=True)
    assert CANARY.encode() not in b"".join(place.read(BUCKET).values())


def test_nothing_secret_is_left_after_a_sign_out(store: KeyValueStore, place: Place, signed_in: Session) -> None:
    """Neither sealed nor with its key; the marker stays."""
    sign_out(store)
    assert place.read(BUCKET).keys() == {"account", "signed-out"}
    assert store._vault._holder.fetch(ACCOUNT) is None


def test_the_key_goes_with_the_last_secret(store: KeyValueStore, signed_in: Session) -> None:
    """A token that waits for its revocation needs it still."""
    sign_out(store, keep_for_revocation=True)
    assert store._vault._holder.fetch(ACCOUNT) is not None
    store.drop_revocation(ACCOUNT, kept(signed_in))
    assert store._vault._holder.fetch(ACCOUNT) is None


def test_a_forgotten_account_leaves_nothing(store: KeyValueStore, place: Place, signed_in: Session) -> None:
    """No item, no key, no name."""
    store.forget(ACCOUNT)
    assert place.read(BUCKET) == {}
    assert ACCOUNT not in place.read("app")["accounts"].decode()
    assert store._vault._holder.fetch(ACCOUNT) is None


def test_the_keys_lie_in_the_os_keyring_unless_somebody_says_otherwise(make: Callable[..., KeyValueStore]) -> None:
    """Under the app's own name."""
    holder = make(keys=None)._vault._holder
    assert isinstance(holder, KeyringKeys)
    assert holder._service == "signedin:acme-notes"


def test_keys_in_files_are_their_users_own(tmp_path: Path, make: Callable[..., KeyValueStore]) -> None:
    """0600, in a directory of 0700."""
    store = make(keys=KeyDirectory(tmp_path / "keys"))
    store.save_record(sample_record())
    commit(store, sample_session(), sign_in=True)
    (key,) = (tmp_path / "keys").iterdir()
    assert [path.stat().st_mode & 0o777 for path in (key.parent, key)] == [0o700, 0o600]


def test_an_id_that_is_no_word_is_no_account(store: KeyValueStore) -> None:
    """It would name somebody else's bucket."""
    for account_id in ("../app", "", "a b"):
        with pytest.raises(UnknownAccount):
            store.load(account_id)


# Another process.


def test_what_one_process_does_another_sees(store: KeyValueStore, elsewhere: KeyValueStore, signed_in: Session) -> None:
    """By its stamp, and whole."""
    before = elsewhere.stamp(ACCOUNT)
    later = commit(store, sample_session("later"))
    assert elsewhere.stamp(ACCOUNT) != before
    assert elsewhere.load(ACCOUNT).session == later


def test_a_claim_is_one_among_processes(store: KeyValueStore, elsewhere: KeyValueStore, signed_in: Session) -> None:
    """An intent is no doubt while its claim is held, and is one after."""
    with store.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
        assert not elsewhere.load(ACCOUNT).in_doubt
        with pytest.raises(StoreError) as refused, elsewhere.claim(ACCOUNT, deadline=0.0):
            pass
        assert refused.value.case == "lock-timeout"
    assert elsewhere.load(ACCOUNT).in_doubt


def test_whoever_signs_in_second_is_told_who_was_first(
    store: KeyValueStore, elsewhere: KeyValueStore, signed_in: Session
) -> None:
    """Its process, as far as it could be written."""
    with store.sign_in_claim(ACCOUNT):
        with pytest.raises(StoreError, match=f"process {os.getpid()} ") as refused, elsewhere.sign_in_claim(ACCOUNT):
            pass
        assert refused.value.case == "login-in-progress"


def test_a_sign_in_begins_where_nothing_can_be_written(store: KeyValueStore, place: Place) -> None:
    """Its holder has no name then."""
    place.fails = lambda items: True
    with store.sign_in_claim(ACCOUNT), pytest.raises(StoreError) as refused, store.sign_in_claim("other"):
        pass
    assert refused.value.message == "Another sign-in is running"


def test_an_answer_that_could_not_be_saved_is_known_elsewhere(
    store: KeyValueStore, elsewhere: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """While its process holds it: there it is no doubt, elsewhere it was answered."""
    fail_to_commit(store, place)
    ours, theirs = store.load(ACCOUNT), elsewhere.load(ACCOUNT)
    assert (ours.session, ours.answered, ours.in_doubt) == (signed_in, False, False)
    assert (theirs.session, theirs.answered, theirs.in_doubt) == (signed_in, True, False)
    with elsewhere.claim(ACCOUNT, deadline=soon()) as claim:
        assert claim.read().answered


def test_an_answer_that_is_saved_at_last_is_everybodys(
    store: KeyValueStore, elsewhere: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """Under the generation after the one that it had in memory."""
    fail_to_commit(store, place)
    saved = commit(store, sample_session("unsaved", generation=2))
    assert saved.generation == 3
    stored = elsewhere.load(ACCOUNT)
    assert (stored.session, stored.answered, stored.in_doubt) == (saved, False, False)


def test_an_unsaved_answer_of_a_dead_process_is_a_doubt(
    store: KeyValueStore, elsewhere: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """Its lock ended with it."""
    fail_to_commit(store, place)
    store._account(ACCOUNT).answer_mark.drop()
    assert elsewhere.load(ACCOUNT).in_doubt


def test_a_sign_in_takes_no_number_that_an_unsaved_answer_has(
    store: KeyValueStore, elsewhere: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """The process that holds it has to find the sign-in newer."""
    fail_to_commit(store, place)
    assert commit(elsewhere, sample_session("later"), sign_in=True).generation == 3
    assert not store.load(ACCOUNT).answered


def test_a_sign_out_ends_an_unsaved_answer_as_well(
    store: KeyValueStore, elsewhere: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """By its number, whoever signs out."""
    fail_to_commit(store, place)
    for each in (elsewhere, store):
        assert each.mark_signed_out(ACCOUNT) == 2


def test_a_sign_out_during_a_commit_that_fails_is_seen_by_it(
    store: KeyValueStore, elsewhere: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """It found no answer yet, so the answer is given up instead of being kept in memory."""

    def sign_out_and_fail(items: dict[str, bytes]) -> bool:
        place.fails = lambda items: False
        elsewhere.mark_signed_out(ACCOUNT)
        return True

    with store.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
        place.fails = sign_out_and_fail
        with pytest.raises(StoreError) as failed:
            claim.commit(sample_session("unsaved"))
    assert failed.value.case == "signed-out-elsewhere"


def test_the_mark_of_an_answer_speaks_of_one_intent(
    store: KeyValueStore, elsewhere: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """It ends when the process that holds it looks and finds another's: that one is a doubt like any."""
    fail_to_commit(store, place)
    commit(elsewhere, sample_session("later"), sign_in=True)
    with elsewhere.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
    assert store.load(ACCOUNT).in_doubt
    assert elsewhere.load(ACCOUNT).in_doubt


def test_a_commit_for_a_record_that_is_gone_is_one_after_a_sign_out(
    store: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """Whoever removed it signed out."""
    with store.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
        del place._buckets[BUCKET]
        with pytest.raises(StoreError) as refused:
            claim.commit(sample_session("late"))
    assert refused.value.case == "signed-out-elsewhere"


# A place that fails.


def test_a_full_place_is_met_before_anything_is_sent(store: KeyValueStore, place: Place, signed_in: Session) -> None:
    """The intent takes the room that its answer will need, and gives it back."""
    place.fails = lambda items: sum(map(len, items.values())) > sealing.SESSION_BYTES
    with store.claim(ACCOUNT, deadline=soon()) as claim, pytest.raises(StoreError) as refused:
        claim.intend()
    assert refused.value.case == "disk-full-or-readonly"
    assert not store.load(ACCOUNT).in_doubt


def test_a_probe_writes(store: KeyValueStore, place: Place) -> None:
    """And leaves nothing."""
    store.probe()
    assert place.read("app") == {}
    place.fails = lambda items: True
    with pytest.raises(StoreError, match="no room"):
        store.probe()


def test_notes_that_cannot_be_kept_are_no_error(store: KeyValueStore, place: Place, signed_in: Session) -> None:
    """Health, models and what became of a sign-in."""
    place.fails = lambda items: True
    store.note_health(ACCOUNT, Health(generation=1, state="connected"))
    store.keep_models(sample_models(ACCOUNT))
    store.note_attempt(None)
    assert store.load(ACCOUNT).health is None


def test_a_sign_out_that_was_cut_off_is_finished_by_the_next_start(
    store: KeyValueStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the removal of the session and that of its key."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    ended = store.mark_signed_out(ACCOUNT)
    with monkeypatch.context() as here:
        here.setattr(MemoryKeys, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            store.clear(ACCOUNT, ended=ended, keep_for_revocation=False)
    stored = store.load(ACCOUNT)
    assert (stored.session, stored.left) == (None, LeftBehind(generation=1, revoke=True))
    store.clear(ACCOUNT, ended=1, keep_for_revocation=False)
    assert store.load(ACCOUNT).left is None
    assert store._vault._holder.fetch(ACCOUNT) is None


# What cannot be read.


@pytest.mark.parametrize("name", ["account", "session"])
def test_a_damaged_item_is_named_and_set_aside_by_what_replaces_it(
    store: KeyValueStore, place: Place, signed_in: Session, name: str
) -> None:
    """It stays as it is while it is only read."""
    place.put(name, b"{")
    with pytest.raises(StoreError, match=f"{BUCKET}/{name} is damaged") as refused:
        store.load(ACCOUNT)
    assert refused.value.case == "file-corrupt-truncated"
    store.save_record(sample_record())
    commit(store, sample_session("later"), sign_in=True)
    assert store.load(ACCOUNT).session is not None
    assert place.read(BUCKET)[f"{name}.corrupt"] == b"{"


def test_a_damaged_list_of_accounts_is_named_and_left_as_it_is(
    store: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """A new one would know nothing of the accounts that lie there."""
    place.put("accounts", b"{", bucket="app")
    for call in (store.records, lambda: store.save_record(sample_record("other"))):
        with pytest.raises(StoreError, match="app/accounts is damaged"):
            call()
    assert place.read("app")["accounts"] == b"{"
    assert store.load(ACCOUNT).session == signed_in


def test_a_damaged_revocation_is_set_aside_by_the_next_sign_out(
    store: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """The token of that sign-out is not lost with it."""
    place.put("revocation-pending", b"half a line")
    sign_out(store, keep_for_revocation=True)
    pending = store.pending_revocation(ACCOUNT)
    assert pending is not None
    assert pending.token == signed_in.refresh_token
    assert place.read(BUCKET)["revocation-pending.corrupt"] == b"half a line"


@pytest.mark.parametrize("name", ["account", "session", "health", "models", "signed-out", "revocation-pending"])
def test_what_a_newer_version_wrote_is_left_alone(
    store: KeyValueStore, place: Place, signed_in: Session, name: str
) -> None:
    """Whatever is asked for, the account's items stay as they are."""
    place.put(name, json.dumps(NEWER).encode() + b"\n")
    before = place.read(BUCKET)
    calls: tuple[Callable[[], object], ...] = (
        lambda: store.save_record(sample_record(label="work")),
        lambda: commit(store, sample_session("later"), sign_in=True),
        lambda: store.mark_signed_out(ACCOUNT),
        lambda: store.forget(ACCOUNT),
    )
    for call in calls:
        with pytest.raises(StoreError) as refused:
            call()
        assert refused.value.case == "schema-newer"
    store.note_health(ACCOUNT, Health(generation=1, state="connected"))
    store.keep_models(sample_models(ACCOUNT))
    assert place.read(BUCKET) == before


def test_a_marker_that_cannot_be_read_ends_everything_until_the_next_sign_in(
    store: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """Whatever it said, somebody signed out."""
    place.put("signed-out", b"{")
    assert store.load(ACCOUNT).signed_out
    later = commit(store, sample_session("later"), sign_in=True)
    stored = store.load(ACCOUNT)
    assert (stored.session, stored.signed_out) == (later, False)


def test_a_record_that_cannot_be_read_is_left_out_and_logged(
    make: Callable[..., KeyValueStore], place: Place, signed_in: Session
) -> None:
    """The others are there."""
    lines = list[tuple[str, dict[str, object]]]()

    class Lines:
        def write(self, event: str, **fields: object) -> None:
            lines.append((event, fields))

    store = make(log=Lines())
    store.save_record(sample_record("other"))
    place.put("account", b"{")
    assert [record.id for record in store.records()] == ["other"]
    assert lines == [("store.record_skipped", {"account": ACCOUNT, "case": "file-corrupt-truncated"})]


def test_fields_of_a_later_version_are_kept(store: KeyValueStore, place: Place, signed_in: Session) -> None:
    """In records, as in preferences."""
    place.edit("account", colour="green")
    store.save_record(sample_record(label="work"))
    assert json.loads(place.read(BUCKET)["account"])["colour"] == "green"


def test_a_session_under_another_kind_of_key_blames_the_setting(
    make: Callable[..., KeyValueStore], signed_in: Session, tmp_path: Path
) -> None:
    """The session is well."""
    with pytest.raises(StoreError) as refused:
        make(keys=KeyDirectory(tmp_path / "keys")).load(ACCOUNT)
    assert refused.value.case == "store-unavailable"


def test_damaged_preferences_are_no_choice_and_are_kept(store: KeyValueStore, place: Place) -> None:
    """Until the next choice, and beside it."""
    place.put("preferences", b"{", bucket="app")
    assert store.preferences() == Preferences()
    store.save_preferences(Preferences(store="acme"))
    assert store.preferences() == Preferences(store="acme")
    assert place.read("app")["preferences.corrupt"] == b"{"


# Revocations and copies.


def test_a_revocation_is_given_up_after_thirty_days(make: Callable[..., KeyValueStore]) -> None:
    """Nobody can say then whether the provider knows the token still; its key goes too."""
    now = [1_000.0]
    store = make(clock=lambda: now[0])
    store.save_record(sample_record())
    commit(store, sample_session(), sign_in=True)
    sign_out(store, keep_for_revocation=True)
    now[0] += REVOCATION_SECONDS
    assert store.pending_revocation(ACCOUNT) is not None
    now[0] += 1
    assert store.pending_revocation(ACCOUNT) is None
    assert not store.load(ACCOUNT).revocation_pending


def test_a_revocation_that_cannot_be_opened_holds_up_no_other(
    store: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """It is passed over; where it is the only one, it is said why."""
    sign_out(store, keep_for_revocation=True)
    place.edit("revocation-pending", key="0123456789abcdef")
    with pytest.raises(StoreError) as refused:
        store.pending_revocation(ACCOUNT)
    assert refused.value.case == "session-undecryptable"
    second = commit(store, sample_session("b"), sign_in=True)
    sign_out(store, keep_for_revocation=True)
    assert store.pending_revocation(ACCOUNT) == kept(second)


def test_a_session_whose_key_is_out_of_reach_is_kept_whole_for_its_revocation(
    make: Callable[..., KeyValueStore], store: KeyValueStore, place: Place, signed_in: Session
) -> None:
    """When the key is back, so is the token."""
    sealed = place.read(BUCKET)["session"]
    sign_out(make(keys=MemoryKeys()), keep_for_revocation=True)
    assert place.read(BUCKET)["revocation-pending"] == sealed
    assert store.pending_revocation(ACCOUNT) == kept(signed_in)


def test_a_copied_place_is_noticed(store: KeyValueStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another machine the session says so, and a new id is minted."""
    here = store.host_id()
    store.save_record(sample_record())
    commit(store, sample_session(host_id=here), sign_in=True)
    assert not store.load(ACCOUNT).copied
    monkeypatch.setattr(host, "fingerprint", lambda: "another")
    assert store.load(ACCOUNT).copied
    assert store.host_id() != here


# Forks.


@pytest.mark.skipif("sys.platform == 'win32'", reason="needs fork, which Windows has not")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_no_process_forks_in_the_midst_of_a_transaction(store: KeyValueStore, place: Place, signed_in: Session) -> None:
    """The child would inherit what the place has half done."""
    inside, forked = threading.Event(), list[bool]()

    def stay(items: dict[str, bytes]) -> bool:
        inside.set()
        forked.append(child_is_born.wait(0.2))
        return False

    child_is_born = threading.Event()
    place.fails = stay
    writer = threading.Thread(target=store.mark_signed_out, args=(ACCOUNT,))
    writer.start()
    assert inside.wait(10)
    child = os.fork()
    if not child:
        os._exit(0)
    child_is_born.set()
    os.waitpid(child, 0)
    writer.join()
    assert forked == [False]
