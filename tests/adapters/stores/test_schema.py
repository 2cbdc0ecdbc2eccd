"""Files of other versions: an older schema's are read as what they meant and renewed, a newer one's are left alone.

`fixtures/older` was written by the first code that wrote any of this, and lacks what has been added since;
`fixtures/newer` is made up: a later version's, with a field that nobody knows. The key beside them is a test's.
"""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from signedin.errors import ConfigurationError, SignedinError, StoreError
from signedin.facts import Fault
from signedin.record import AttemptNote, Health, PendingRevocation, Preferences
from signedin.secret import Secret
from signedin.testing.sample_account import (
    ACCOUNT,
    commit,
    kept,
    sample_models,
    sample_record,
    sample_session,
    sign_out,
    soon,
)
from signedin_adapters.stores import app_name, home, sealing
from signedin_adapters.stores.claim import read_header
from signedin_adapters.stores.fields import SCHEMA, Fields, refuse_newer
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.header import split
from signedin_adapters.stores.key_file import KeyFile
from signedin_adapters.stores.marker import Marker
from signedin_adapters.stores.marker import read as read_marker
from signedin_adapters.stores.passphrase import WrappedKeyFile
from signedin_adapters.stores.peek import look

FIXTURES = Path(__file__).parent / "fixtures"
OF_THE_APP = ("app.json", "attempt.json", "host-id", "preferences.json")
OF_AN_ACCOUNT = (
    "account.json",
    "health.json",
    "intent",
    "key.wrapped",
    "models.json",
    "revocation-pending",
    "session",
    "signed-out",
)
HOST_ID = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.fixture
def app(app_paths: home.AppPaths) -> home.AppPaths:
    """An app with one account, and nothing in it but the key of the fixtures."""
    Path(app_paths.account(ACCOUNT).directory).mkdir(parents=True)
    put(app_paths, "older", "key")
    return app_paths


@pytest.fixture
def store(app: home.AppPaths) -> FileStore:
    """The app's store, in the hour in which the fixtures were written."""
    return FileStore(app, KeyFile(app), kind="file", app_name="Demo", clock=lambda: 1_000.0)


@pytest.fixture
def passphrase(tmp_path: Path) -> str:
    """A file with the passphrase of the fixtures."""
    file = tmp_path / "passphrase"
    file.write_text("correct horse")
    return str(file)


def place(app: home.AppPaths, name: str) -> Path:
    """Where a fixture of this name lies in the home."""
    return Path(app.directory if name in OF_THE_APP else app.account(ACCOUNT).directory, name)


def put(app: home.AppPaths, age: str, *names: str) -> None:
    """Put fixtures into the home, as the store would have written them."""
    for name in names:
        path = place(app, name)
        shutil.copyfile(FIXTURES / age / name, path)
        path.chmod(0o600)
    for directory in app.directories():
        Path(directory).chmod(0o700)
    Path(app.account(ACCOUNT).directory).chmod(0o700)


def first_object(path: Path) -> dict[str, object]:
    """The one object of a record, or the one before what is sealed."""
    found: dict[str, object] = json.JSONDecoder().raw_decode(path.read_text())[0]
    return found


def older_session() -> Secret:
    return Secret("test-refresh-older")


@pytest.mark.parametrize("age", ["older", "newer"])
def test_two_of_each_are_kept(age: str) -> None:
    """Every record that has a schema is among them."""
    assert {path.name for path in (FIXTURES / age).iterdir()} == {*OF_THE_APP, *OF_AN_ACCOUNT, "key"}


@pytest.mark.parametrize("name", [*OF_THE_APP, *OF_AN_ACCOUNT])
def test_the_older_are_older_and_the_newer_newer(name: str) -> None:
    """A schema that is raised leaves both what they are; nothing of theirs looks like a real token."""
    older, newer = first_object(FIXTURES / "older" / name), first_object(FIXTURES / "newer" / name)
    assert older["schema"] == 1 < SCHEMA
    assert (newer["schema"], newer["writer"], newer["colour"]) == (9, "9.1.0", "green")


def test_an_older_account_is_read_whole_and_renewed(store: FileStore, app: home.AppPaths) -> None:
    """What it has that nobody knows stays in it."""
    put(app, "older", "account.json")
    path = place(app, "account.json")
    path.write_text(json.dumps(first_object(path) | {"colour": "green"}))
    (record,) = store.records()
    assert (record.label, record.email, record.subject, record.model) == ("work", "ada@example.com", "user-1", "m-1")
    store.save_record(replace(record, label="home"))
    renewed = first_object(path)
    assert (renewed["schema"], renewed["label"], renewed["colour"]) == (SCHEMA, "home", "green")
    assert store.records() == (replace(record, label="home"),)


def test_an_older_session_is_read_whole_and_renewed(store: FileStore, app: home.AppPaths) -> None:
    """Its sign-in had no number, which the next refresh keeps and the next sign-in ends."""
    put(app, "older", "account.json", "session", "host-id")
    paths = app.account(ACCOUNT)
    session = store.load(ACCOUNT).session
    assert session is not None
    assert (session.refresh_token, session.generation, session.host_id) == (older_session(), 1, HOST_ID)
    assert not session.another_users
    for sign_in, number in ((False, 0), (True, 3)):
        committed = commit(store, sample_session("b"), sign_in=sign_in)
        facts = read_header(paths)
        assert facts is not None
        assert (facts.signed_in, facts.another_users) == (number, False)
        assert first_object(Path(paths.session))["schema"] == SCHEMA
        assert store.load(ACCOUNT).session == committed


def test_the_tokens_of_an_older_session_are_sealed_in_the_new_shape(store: FileStore, app: home.AppPaths) -> None:
    """The second line has a schema of its own, and both are written together."""
    put(app, "older", "account.json", "session")
    commit(store, sample_session("b"))
    path, key = place(app, "session"), Secret(place(app, "key").read_text().strip())
    assert Fields(sealing.open_text(path.read_bytes(), key, str(path)), str(path)).integer("schema") == SCHEMA


def test_an_older_sign_out_ends_what_lies_there_and_is_renewed(store: FileStore, app: home.AppPaths) -> None:
    """It says nothing of the provider, who was always told then."""
    put(app, "older", "account.json", "session", "signed-out")
    paths = app.account(ACCOUNT)
    found, stored = read_marker(paths), store.load(ACCOUNT)
    assert isinstance(found, Marker)
    assert (found.generation, found.revoke, found.readable) == (1, True, True)
    assert stored.signed_out
    assert stored.left is not None
    assert (stored.left.generation, stored.left.revoke) == (1, True)
    store.mark_signed_out(ACCOUNT, revoke=False)
    renewed = first_object(Path(paths.signed_out))
    assert (renewed["schema"], renewed["revoke"]) == (SCHEMA, True)


def test_an_older_sign_out_is_outranked_by_a_new_sign_in(store: FileStore, app: home.AppPaths) -> None:
    """As one of today's is."""
    put(app, "older", "account.json", "session", "signed-out")
    committed = commit(store, sample_session("b"), sign_in=True)
    assert (store.load(ACCOUNT).session, store.load(ACCOUNT).signed_out) == (committed, False)


def test_an_older_revocation_still_waits(store: FileStore, app: home.AppPaths) -> None:
    """Its token is given out for its revocation, and what is kept beside it is in the new shape."""
    put(app, "older", "account.json", "revocation-pending")
    pending = store.pending_revocation(ACCOUNT)
    assert isinstance(pending, PendingRevocation)
    assert pending.token == older_session()
    session = commit(store, sample_session("b", generation=1), sign_in=True)
    sign_out(store, keep_for_revocation=True)
    assert first_object(Path(app.account(ACCOUNT).revocation_pending + "-2"))["schema"] == SCHEMA
    store.drop_revocation(ACCOUNT, pending)
    assert store.pending_revocation(ACCOUNT) == replace(kept(session), record=store.load(ACCOUNT).record)


def test_an_older_session_that_is_signed_out_waits_in_the_new_shape(store: FileStore, app: home.AppPaths) -> None:
    """The refresh token alone is sealed anew."""
    put(app, "older", "account.json", "session")
    sign_out(store, keep_for_revocation=True)
    waiting = place(app, "revocation-pending")
    assert (first_object(waiting)["schema"], first_object(waiting)["signed_in"]) == (SCHEMA, 0)
    pending = store.pending_revocation(ACCOUNT)
    assert pending is not None
    assert pending.token == older_session()


def test_an_older_intent_is_a_doubt_until_its_answer(store: FileStore, app: home.AppPaths) -> None:
    """The next one is written in the new shape, and becomes the session."""
    put(app, "older", "account.json", "session", "intent")
    assert store.load(ACCOUNT).in_doubt
    with store.claim(ACCOUNT, deadline=soon()) as claim:
        assert claim.read().in_doubt
        claim.intend()
        assert first_object(place(app, "intent"))["schema"] == SCHEMA
        committed = claim.commit(sample_session("b"))
    assert (store.load(ACCOUNT).session, store.load(ACCOUNT).in_doubt) == (committed, False)


def test_older_health_counts_and_is_renewed(store: FileStore, app: home.AppPaths) -> None:
    """It does not say since when to wait."""
    put(app, "older", "account.json", "session", "health.json")
    health = Health(
        generation=1,
        state="error",
        case="offline",
        flags=("usage_paused",),
        retry_at=1_300.0,
        last_verified_at=1_100.0,
    )
    assert store.load(ACCOUNT).health == health
    later = replace(health, backed_off_at=1_000.0, retry_at=1_600.0)
    store.note_health(ACCOUNT, later)
    assert first_object(place(app, "health.json"))["schema"] == SCHEMA
    assert store.load(ACCOUNT).health == later


def test_an_older_list_of_models_is_shown_and_renewed(store: FileStore, app: home.AppPaths) -> None:
    """It had no case of its last try."""
    put(app, "older", "account.json", "session", "models.json")
    listed = store.kept_models(ACCOUNT)
    assert listed is not None
    assert (listed.models, listed.etag, listed.case) == ((("m-1", "Model One"), ("m-2", "Model Two")), 'W/"1"', None)
    store.keep_models(replace(listed, etag=None))
    assert first_object(place(app, "models.json"))["schema"] == SCHEMA
    assert store.kept_models(ACCOUNT) == replace(listed, etag=None)


def test_an_older_note_of_a_sign_in_is_read_and_renewed(store: FileStore, app: home.AppPaths) -> None:
    """It named a process, which nobody asks for any more."""
    put(app, "older", "attempt.json")
    note = AttemptNote(account_id=ACCOUNT, case="user-denied-consent", at=1_000.0)
    assert store.attempt() == note
    store.note_attempt(note)
    renewed = first_object(place(app, "attempt.json"))
    assert renewed.keys() == {"schema", "writer", *asdict(note)}
    assert renewed["schema"] == SCHEMA


def test_older_preferences_are_read_and_renewed(store: FileStore, app: home.AppPaths) -> None:
    """What they have that nobody knows stays in them."""
    put(app, "older", "preferences.json")
    path = place(app, "preferences.json")
    path.write_text(json.dumps(first_object(path) | {"colour": "green"}))
    chosen = store.preferences()
    assert (chosen.default_account, chosen.store) == ("work", "file")
    store.save_preferences(replace(chosen, default_account=None))
    renewed = first_object(path)
    assert (renewed["schema"], renewed["default_account"], renewed["colour"]) == (SCHEMA, None, "green")


def test_an_older_name_is_the_apps_still(store: FileStore, app: home.AppPaths) -> None:
    """Nobody else's accounts are let in for it, and it is written once."""
    put(app, "older", "app.json")
    store.save_record(sample_record())
    app_name.require(app, "Demo")
    with pytest.raises(ConfigurationError):
        app_name.require(app, "DEMO")
    assert first_object(place(app, "app.json"))["schema"] == 1


def test_a_newer_name_keeps_nobody_out(app: home.AppPaths) -> None:
    """It guards no secret, and may mean something else by then."""
    put(app, "newer", "app.json")
    app_name.require(app, "Demo")


def test_an_older_host_id_is_this_machines_still(store: FileStore, app: home.AppPaths) -> None:
    """Another one would be another entry in the user's settings."""
    put(app, "older", "host-id")
    assert store.host_id() == HOST_ID


def test_an_older_wrapped_key_is_unwrapped_and_renewed(app: home.AppPaths, passphrase: str) -> None:
    """The key is the same."""
    put(app, "older", "key.wrapped")
    holder = WrappedKeyFile(app, passphrase, cost=2**4)
    key = holder.fetch(ACCOUNT)
    assert key is not None
    assert key == Secret(place(app, "key").read_text().strip())
    holder.keep(ACCOUNT, key)
    assert first_object(place(app, "key.wrapped"))["schema"] == SCHEMA
    assert holder.fetch(ACCOUNT) == key


@pytest.mark.parametrize("schema", [0, -1])
def test_a_schema_that_never_was_is_damage(schema: int) -> None:
    """Nobody wrote it."""
    with pytest.raises(StoreError) as caught:
        Fields(json.dumps({"schema": schema}).encode(), "record")
    assert caught.value.case == "file-corrupt-truncated"


def test_a_newer_writer_without_a_name_is_newer_all_the_same() -> None:
    """Whatever it calls itself, it is not damage, which would be set aside."""
    for refuse in (Fields, refuse_newer):
        with pytest.raises(StoreError, match="a newer signedin") as caught:
            refuse(b'{"schema": 9, "writer": 9}', "record")
        assert caught.value.case == "schema-newer"


def test_a_newer_session_may_have_more_lines(store: FileStore, app: home.AppPaths) -> None:
    """Its first line says that it is newer, before anything is called damaged."""
    put(app, "older", "account.json")
    put(app, "newer", "session")
    path = place(app, "session")
    path.write_bytes(path.read_bytes() + b"one more\n")
    with pytest.raises(StoreError) as damaged:
        split(path.read_bytes(), str(path))
    assert damaged.value.case == "file-corrupt-truncated"
    with pytest.raises(StoreError, match=r"signedin 9\.1\.0") as caught:
        store.load(ACCOUNT)
    assert caught.value.case == "schema-newer"


def everything(store: FileStore) -> tuple[Callable[[], object], ...]:
    """All that writes, and all that only reads."""

    def refresh() -> None:
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.read()
            claim.intend()
            claim.commit(sample_session("b"))

    def withdraw() -> None:
        with store.claim(ACCOUNT, deadline=soon()) as claim:
            claim.withdraw()

    def drop() -> None:
        if pending := store.pending_revocation(ACCOUNT):
            store.drop_revocation(ACCOUNT, pending)

    return (
        lambda: store.load(ACCOUNT),
        store.records,
        refresh,
        withdraw,
        lambda: commit(store, sample_session("b"), sign_in=True),
        lambda: store.save_record(sample_record(label="home")),
        lambda: store.note_health(ACCOUNT, Health(generation=1, state="error")),
        lambda: store.note_attempt(AttemptNote(account_id=ACCOUNT, case=None, at=2_000.0)),
        lambda: store.note_attempt(None),
        lambda: store.save_preferences(Preferences(store="keyring")),
        store.preferences,
        store.host_id,
        lambda: store.keep_models(sample_models(ACCOUNT)),
        lambda: store.kept_models(ACCOUNT),
        drop,
        lambda: sign_out(store, keep_for_revocation=True),
        lambda: sign_out(store),
        lambda: store.clear(ACCOUNT, ended=9, keep_for_revocation=False),
    )


@pytest.mark.parametrize("name", [*OF_THE_APP, *OF_AN_ACCOUNT])
def test_a_newer_file_is_left_alone_by_everything(store: FileStore, app: home.AppPaths, name: str) -> None:
    """Byte for byte, whatever is asked for, forwards and backwards."""
    put(app, "older", "account.json", "session")
    put(app, "newer", name)
    before = place(app, name).read_bytes()
    asked: list[Callable[[], object]] = [
        *everything(store),
        *reversed(everything(store)),
        partial(store.forget, ACCOUNT),
    ]
    for each in asked:
        with suppress(SignedinError):
            each()
        assert place(app, name).read_bytes() == before
    assert not list(Path(app.home).rglob("*.corrupt-*"))


REFUSED: dict[str, Callable[[FileStore], object]] = {
    "account.json": lambda store: store.save_record(sample_record()),
    "session": lambda store: store.mark_signed_out(ACCOUNT),
    "intent": lambda store: store.mark_signed_out(ACCOUNT),
    "signed-out": lambda store: commit(store, sample_session("b"), sign_in=True),
    "revocation-pending": lambda store: store.pending_revocation(ACCOUNT),
    "preferences.json": lambda store: store.save_preferences(Preferences()),
    "host-id": lambda store: store.host_id(),
    "health.json": lambda store: store.forget(ACCOUNT),
    "models.json": lambda store: store.forget(ACCOUNT),
    "key.wrapped": lambda store: store.mark_signed_out(ACCOUNT),
}
"""What cannot go on without the file, or would replace or remove it."""


@pytest.mark.parametrize("name", REFUSED)
def test_the_refusal_names_the_writer_and_what_to_do(store: FileStore, app: home.AppPaths, name: str) -> None:
    """Which version wrote it, and that an update helps."""
    put(app, "older", "account.json", "session")
    put(app, "newer", name)
    with pytest.raises(StoreError, match=r"signedin 9\.1\.0.*update signedin") as caught:
        REFUSED[name](store)
    assert (caught.value.case, caught.value.path) == ("schema-newer", str(place(app, name)))


def test_a_newer_wrapped_key_is_refused(app: home.AppPaths, passphrase: str) -> None:
    """The session under it is not sealed anew under another."""
    put(app, "newer", "key.wrapped")
    with pytest.raises(StoreError, match=r"signedin 9\.1\.0") as caught:
        WrappedKeyFile(app, passphrase).fetch(ACCOUNT)
    assert caught.value.case == "schema-newer"


@pytest.mark.parametrize("name", ["account.json", "session", "intent", "signed-out"])
def test_status_says_the_same_as_loading(store: FileStore, app: home.AppPaths, name: str) -> None:
    """The same case, the same words, the same file."""
    put(app, "older", "account.json", "session")
    put(app, "newer", name)
    with pytest.raises(StoreError) as caught:
        store.load(ACCOUNT)
    (fault,) = seen(app)
    assert caught.value.case == "schema-newer"
    assert (fault.case, fault.path, fault.message) == (caught.value.case, caught.value.path, caught.value.message)


@pytest.mark.parametrize("name", ["account.json", "session", "intent", "signed-out", "key.wrapped"])
def test_nobody_is_signed_out_of_what_a_newer_version_left(store: FileStore, app: home.AppPaths, name: str) -> None:
    """Neither half: no marker is written, and the session stays where it is, to be revoked by who can read it."""
    put(app, "older", "account.json", "session")
    put(app, "newer", name)
    before = {path: path.read_bytes() for path in Path(app.account(ACCOUNT).directory).iterdir()}
    for refused in (lambda: store.mark_signed_out(ACCOUNT), lambda: store.forget(ACCOUNT)):
        with pytest.raises(StoreError, match=r"signedin 9\.1\.0") as caught:
            refused()
        assert caught.value.case == "schema-newer"
    there = {path: path.read_bytes() for path in Path(app.account(ACCOUNT).directory).iterdir() if path.name != "lock"}
    assert there == before


@pytest.mark.parametrize("name", ["preferences.json", "attempt.json"])
def test_newer_notes_of_the_app_count_as_none(store: FileStore, app: home.AppPaths, name: str) -> None:
    """For whoever opens the app as for `status`, which names the file."""
    put(app, "newer", name)
    assert (store.preferences(), store.attempt()) == (Preferences(), None)
    facts = look(app.home, app.slug)
    assert (facts.default_account, facts.store, facts.attempt) == (None, None, None)
    assert [(fault.case, fault.path) for fault in facts.faults] == [("schema-newer", str(place(app, name)))]


@pytest.mark.parametrize("name", ["health.json", "host-id", "models.json", "revocation-pending"])
def test_what_loading_does_without_is_no_fault(store: FileStore, app: home.AppPaths, name: str) -> None:
    """Neither for `status`: the session serves."""
    put(app, "older", "account.json", "session")
    put(app, "newer", name)
    assert store.load(ACCOUNT).session is not None
    assert seen(app) == ()


def seen(app: home.AppPaths) -> tuple[Fault, ...]:
    """The faults of the one account, as `status` sees them."""
    (account,) = look(app.home, app.slug).accounts
    return account.faults
