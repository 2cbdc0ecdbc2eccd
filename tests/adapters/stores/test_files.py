"""The store in files: damage is named and kept, a newer version's files are left alone, sign-outs leave nothing."""

import errno
import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from signedin.errors import StoreError
from signedin.record import LeftBehind, Preferences
from signedin.session import Session
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
from signedin_adapters.stores import durable, host, intent, lock, marker
from signedin_adapters.stores.claim import read_header
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AccountPaths, AppPaths
from signedin_adapters.stores.key_file import KeyFile
from signedin_adapters.stores.passphrase import WrappedKeyFile
from signedin_adapters.stores.revocations import REVOCATION_SECONDS


@pytest.fixture
def paths(app_paths: AppPaths) -> AccountPaths:
    """The files of the one account."""
    return app_paths.account(ACCOUNT)


@pytest.fixture
def signed_in(file_store: FileStore) -> Session:
    """The one account's first session."""
    file_store.save_record(sample_record())
    return commit(file_store, sample_session(), sign_in=True)


class Lines:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def write(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))


def edit(path: str, **changes: object) -> None:
    """Change fields of a JSON file, or of the first line of a sealed one."""
    first, end, rest = Path(path).read_bytes().partition(b"\n")
    whole = first if rest[:1] not in (b" ", b"}") else first + end + rest
    changed = json.dumps(json.loads(whole) | changes).encode()
    Path(path).write_bytes(changed if whole != first else changed + end + rest)


def clear(store: FileStore) -> None:
    """Clear the first session without a marker."""
    store.clear(ACCOUNT, ended=1, keep_for_revocation=False)


def case_of_load(store: FileStore) -> str:
    """The case by which loading fails."""
    with pytest.raises(StoreError) as caught:
        store.load(ACCOUNT)
    return caught.value.case


@pytest.mark.parametrize("name", ["session", "record"])
@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]\n\n", b'{"schema": 1}\nAAAA\n', b'{"schema": NaN}\nA\n'])
def test_a_damaged_file_is_named_and_left_while_it_is_read(
    file_store: FileStore, signed_in: Session, paths: AccountPaths, name: str, data: bytes
) -> None:
    """Every reader says the same of it, and it is still there afterwards."""
    damaged = Path(getattr(paths, name))
    damaged.write_bytes(data)
    assert case_of_load(file_store) == case_of_load(file_store) == "file-corrupt-truncated"
    assert damaged.read_bytes() == data


def test_a_damaged_session_is_set_aside_by_the_next_sign_in(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """It is kept under another name, and the new one is newer than what the caller had seen."""
    Path(paths.session).write_bytes(b"garbage")
    committed = commit(file_store, sample_session("b", generation=7), sign_in=True)
    assert committed.generation == 8
    assert Path(f"{paths.session}.corrupt-1").read_bytes() == b"garbage"
    assert file_store.load(ACCOUNT).session == committed


def test_a_damaged_record_is_set_aside_when_it_is_saved_again(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """The session beside it is untouched."""
    Path(paths.record).write_bytes(b"garbage")
    file_store.save_record(sample_record())
    assert Path(f"{paths.record}.corrupt-1").read_bytes() == b"garbage"
    assert file_store.load(ACCOUNT).session == signed_in


def test_a_record_that_cannot_be_read_is_left_out_and_logged(app_paths: AppPaths, signed_in: Session) -> None:
    """One broken account does not hide the others."""
    log = Lines()
    store = FileStore(app_paths, KeyFile(app_paths), kind="file", log=log)
    store.save_record(sample_record("other"))
    Path(app_paths.account(ACCOUNT).record).write_bytes(b"garbage")
    Path(app_paths.accounts, "not an account").mkdir()
    assert [record.id for record in store.records()] == ["other"]
    assert log.lines == [("store.record_skipped", {"account": ACCOUNT, "case": "file-corrupt-truncated"})]


@pytest.mark.parametrize("name", ["session", "record"])
def test_a_newer_versions_file_is_refused_untouched(
    file_store: FileStore, signed_in: Session, paths: AccountPaths, name: str
) -> None:
    """By reading, committing, saving and signing out alike; the writer's version is named."""
    path = getattr(paths, name)
    edit(path, schema=9, writer="9.9.0")
    before = Path(path).read_bytes()
    for attempt in (
        lambda: file_store.load(ACCOUNT),
        lambda: commit(file_store, sample_session("b"), sign_in=True),
        lambda: file_store.save_record(sample_record()) if name == "record" else file_store.load(ACCOUNT),
        lambda: file_store.mark_signed_out(ACCOUNT) if name == "session" else file_store.load(ACCOUNT),
        lambda: clear(file_store) if name == "session" else file_store.load(ACCOUNT),
    ):
        with pytest.raises(StoreError, match=r"9\.9\.0") as caught:
            attempt()
        assert caught.value.case == "schema-newer"
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"garbage", b"[]", b'{"schema": 1}', b'{"schema": "1"}'])
def test_a_damaged_list_of_models_counts_as_none(
    file_store: FileStore, signed_in: Session, paths: AccountPaths, data: bytes
) -> None:
    """The next one takes its place, and the damaged one is kept under another name where nobody can read it."""
    Path(paths.models).write_bytes(data)
    assert file_store.kept_models(ACCOUNT) is None
    file_store.keep_models(sample_models(ACCOUNT))
    assert file_store.kept_models(ACCOUNT) == sample_models(ACCOUNT)


@pytest.mark.parametrize("changes", [{"models": 1}, {"models": ["m"]}, {"models": [{"id": 1}]}, {"fetched_at": "now"}])
def test_a_list_of_models_with_a_wrong_field_counts_as_none(
    file_store: FileStore, signed_in: Session, paths: AccountPaths, changes: dict[str, Any]
) -> None:
    """Nothing is made of half a list."""
    file_store.keep_models(sample_models(ACCOUNT))
    edit(paths.models, **changes)
    assert file_store.kept_models(ACCOUNT) is None


def test_a_newer_versions_list_of_models_is_left_alone(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """It counts as none, and is not written over."""
    file_store.keep_models(sample_models(ACCOUNT))
    edit(paths.models, schema=9, writer="9.9.0")
    before = Path(paths.models).read_bytes()
    assert file_store.kept_models(ACCOUNT) is None
    file_store.keep_models(sample_models(ACCOUNT))
    assert Path(paths.models).read_bytes() == before


def test_a_list_of_models_that_cannot_be_written_is_no_error(
    file_store: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for again next time."""

    def full(*_: object, **__: object) -> None:
        raise StoreError("no room", case="disk-full")

    monkeypatch.setattr(durable, "write", full)
    file_store.keep_models(sample_models(ACCOUNT))
    assert file_store.kept_models(ACCOUNT) is None


def test_fields_of_a_later_version_are_kept(file_store: FileStore, signed_in: Session, paths: AccountPaths) -> None:
    """Within a schema, a record may have more than we know."""
    edit(paths.record, colour="green")
    file_store.save_record(sample_record(label="work"))
    assert json.loads(Path(paths.record).read_bytes())["colour"] == "green"


def test_damaged_preferences_are_no_choice_and_are_kept(file_store: FileStore, app_paths: AppPaths) -> None:
    """Nothing is asked of the user for them; saving sets them aside."""
    file_store.probe()
    Path(app_paths.preferences).write_bytes(b"garbage")
    assert file_store.preferences() == Preferences()
    file_store.save_preferences(Preferences(store="file"))
    assert file_store.preferences().store == "file"
    assert Path(f"{app_paths.preferences}.corrupt-1").read_bytes() == b"garbage"


def test_a_session_under_another_kind_of_key_blames_the_setting(
    app_paths: AppPaths, signed_in: Session, tmp_path: Path
) -> None:
    """Nothing is lost when SIGNEDIN_STORE changes: the message says what to set, a sign-in goes on without it."""
    (tmp_path / "passphrase").write_text("correct horse")
    other = FileStore(app_paths, WrappedKeyFile(app_paths, str(tmp_path / "passphrase"), cost=2**4), kind="file")
    with pytest.raises(StoreError, match="SIGNEDIN_STORE=file") as caught:
        other.load(ACCOUNT)
    assert caught.value.case == "store-unavailable"
    committed = commit(other, sample_session("b"), sign_in=True)
    assert other.load(ACCOUNT).session == committed == sample_session("b", generation=2)


def test_an_intent_of_an_older_generation_is_no_doubt(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """A process that died between its commit and the removal of its intent had its answer saved."""
    with file_store.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
        intent = Path(paths.intent).read_bytes()
        claim.commit(sample_session("b"))
    Path(paths.intent).write_bytes(intent)
    os.chmod(paths.intent, 0o600)
    assert not file_store.load(ACCOUNT).in_doubt


def test_an_intent_that_cannot_be_read_is_a_doubt(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """Whoever wrote it meant to send something."""
    Path(paths.intent).write_bytes(bytes(4096))
    assert file_store.load(ACCOUNT).in_doubt


def test_a_sign_out_between_the_look_and_the_rename_wins(
    file_store: FileStore, signed_in: Session, paths: AccountPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The late session is ended too, left to whoever finishes the sign-out, and older than the next sign-in."""
    real = os.replace

    def sign_out_first(source: str, target: str) -> None:
        if target == paths.session:
            monkeypatch.setattr(os, "replace", real)
            file_store.mark_signed_out(ACCOUNT)
        real(source, target)

    monkeypatch.setattr(os, "replace", sign_out_first)
    with pytest.raises(StoreError) as caught:
        commit(file_store, sample_session("late"))
    assert caught.value.case == "signed-out-elsewhere"
    assert file_store.load(ACCOUNT).left == LeftBehind(generation=2, revoke=True)
    assert commit(file_store, sample_session("c"), sign_in=True).generation == 3


def test_nothing_secret_is_left_after_a_sign_out(
    file_store: FileStore, signed_in: Session, paths: AccountPaths, app_paths: AppPaths
) -> None:
    """Neither sealed tokens nor their key; the record stays."""
    sign_out(file_store)
    assert sorted(os.listdir(paths.directory)) == ["account.json", "lock", "signed-out"]
    assert not any(CANARY.encode() in path.read_bytes() for path in Path(app_paths.home).rglob("*") if path.is_file())


def test_a_revocation_is_given_up_after_thirty_days(
    app_paths: AppPaths, signed_in: Session, paths: AccountPaths
) -> None:
    """Then the token and its key are removed."""
    now = 2_000_000_000.0
    store = FileStore(app_paths, KeyFile(app_paths), kind="file", clock=lambda: now)
    sign_out(store, keep_for_revocation=True)
    now += REVOCATION_SECONDS
    assert store.pending_revocation(ACCOUNT) == kept(signed_in)
    now += 1
    assert store.pending_revocation(ACCOUNT) is None
    assert not os.path.exists(paths.revocation_pending)
    assert not os.path.exists(paths.key)


def test_a_session_that_cannot_be_opened_is_kept_whole(
    file_store: FileStore, app_paths: AppPaths, signed_in: Session, paths: AccountPaths
) -> None:
    """It stays under its seal, and its key stays too: once that can be had again, the token can be revoked."""
    key = Path(paths.key).read_bytes()
    Path(paths.key).unlink()
    here = FileStore(app_paths, KeyFile(app_paths), kind="file")
    sign_out(here, keep_for_revocation=True)
    assert not os.path.exists(paths.session)
    with pytest.raises(StoreError) as caught:
        here.pending_revocation(ACCOUNT)
    assert caught.value.case == "session-undecryptable"
    Path(paths.key).write_bytes(key)
    os.chmod(paths.key, 0o600)
    assert here.pending_revocation(ACCOUNT) == kept(signed_in)


def test_a_commit_while_the_marker_is_written_is_ended_as_well(
    file_store: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It saw no marker yet; the marker tells that it ended this one too."""
    real = durable.write

    def commit_first(path: str, data: bytes, **options: Any) -> None:
        monkeypatch.setattr(durable, "write", real)
        commit(file_store, sample_session("b"))
        real(path, data, **options)

    monkeypatch.setattr(durable, "write", commit_first)
    assert file_store.mark_signed_out(ACCOUNT) == 2


def test_a_commit_for_a_record_that_is_gone_is_one_after_a_sign_out(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """What came back must be revoked: there is no account any more."""
    with file_store.claim(ACCOUNT, deadline=soon()) as claim:
        shutil.rmtree(paths.directory)
        with pytest.raises(StoreError) as caught:
            claim.commit(sample_session("late"))
    assert caught.value.case == "signed-out-elsewhere"


def test_a_copied_home_is_noticed(file_store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's fingerprint makes the session a copy and mints an id of its own."""
    monkeypatch.setattr(host, "_machine_id", lambda: b"one machine")
    host_id = file_store.host_id()
    file_store.save_record(sample_record())
    commit(file_store, sample_session(host_id=host_id), sign_in=True)
    assert not file_store.load(ACCOUNT).copied
    monkeypatch.setattr(host, "_machine_id", lambda: b"another machine")
    assert file_store.load(ACCOUNT).copied
    assert file_store.host_id() != host_id
    assert file_store.load(ACCOUNT).copied


def test_a_damaged_host_id_is_set_aside_and_accuses_nobody(file_store: FileStore, app_paths: AppPaths) -> None:
    """The session is opened all the same; the next sign-in has a new id."""
    host_id = file_store.host_id()
    file_store.save_record(sample_record())
    commit(file_store, sample_session(host_id=host_id), sign_in=True)
    Path(app_paths.host_id).write_bytes(b"garbage")
    assert not file_store.load(ACCOUNT).copied
    assert file_store.host_id() != host_id
    assert Path(f"{app_paths.host_id}.corrupt-1").read_bytes() == b"garbage"


def test_a_machine_without_an_id_accuses_nobody(file_store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container without a machine id the host id is believed."""
    host_id = file_store.host_id()
    monkeypatch.setattr(host, "_machine_id", lambda: b"")
    file_store.save_record(sample_record())
    commit(file_store, sample_session(host_id=host_id), sign_in=True)
    assert not file_store.load(ACCOUNT).copied


# An answer that could not be saved, and a commit that was cut off.


def failing_commit(store: FileStore, monkeypatch: pytest.MonkeyPatch, *, after: str) -> None:
    """A commit under an intent that ends in an error of the disk, before or after the session was sealed into it."""
    with store.claim(ACCOUNT, deadline=soon()) as claim, monkeypatch.context() as patch:
        claim.intend()
        patch.setattr(durable, "_replace" if after == "sealing" else "_write_all", _broken)
        with pytest.raises(StoreError) as failed:
            claim.commit(sample_session("unsaved"))
        assert failed.value.case == "disk-full-or-readonly"


def _broken(*_: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


@pytest.fixture
def elsewhere(app_paths: AppPaths) -> FileStore:
    """The same files, as another process has them."""
    return FileStore(app_paths, KeyFile(app_paths), kind="file")


def test_an_answer_that_could_not_be_saved_is_known_elsewhere(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is spent, so nobody else may spend it; the process that holds the answer is in no doubt."""
    failing_commit(file_store, monkeypatch, after="intent")
    seen = elsewhere.load(ACCOUNT)
    assert (seen.answered, seen.in_doubt, seen.session) == (True, False, signed_in)
    with elsewhere.claim(ACCOUNT, deadline=soon()) as claim:
        assert claim.read().answered
    here = file_store.load(ACCOUNT)
    assert (here.answered, here.in_doubt) == (False, False)


def test_an_answer_that_is_saved_at_last_is_everybodys(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next commit that works ends the mark."""
    failing_commit(file_store, monkeypatch, after="intent")
    saved = commit(file_store, sample_session("unsaved"))
    seen = elsewhere.load(ACCOUNT)
    assert (seen.session, seen.answered, seen.in_doubt) == (saved, False, False)


def test_an_unsaved_answer_of_a_dead_process_is_a_doubt(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody holds the successor any more."""
    failing_commit(file_store, monkeypatch, after="intent")
    file_store._answer_marks[ACCOUNT].drop()  # the kernel does, when a process ends
    seen = elsewhere.load(ACCOUNT)
    assert (seen.answered, seen.in_doubt, seen.session) == (False, True, signed_in)


def test_a_commit_that_was_cut_off_is_ended_by_the_next_claim(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new session lies whole in the intent, so it is given its name: nothing is lost."""
    failing_commit(file_store, monkeypatch, after="sealing")
    with elsewhere.claim(ACCOUNT, deadline=soon()) as claim:
        found = claim.read()
    assert found.session is not None
    assert found.session.access_token == sample_session("unsaved").access_token
    assert (found.session.generation, found.in_doubt, found.answered) == (2, False, False)
    assert elsewhere.load(ACCOUNT).session == found.session


def test_a_commit_that_was_cut_off_does_not_outlive_a_sign_out(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marker ends every generation of that sign-in, also one that lies in an intent."""
    failing_commit(file_store, monkeypatch, after="sealing")
    ended = elsewhere.mark_signed_out(ACCOUNT)
    with elsewhere.claim(ACCOUNT, deadline=soon()) as claim:
        assert claim.read().session == signed_in
    elsewhere.clear(ACCOUNT, ended=ended, keep_for_revocation=False)
    assert elsewhere.load(ACCOUNT).session is None


def test_a_sign_in_that_was_cut_off_outlives_an_older_sign_out(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """It lies whole in the intent: whoever finishes that sign-out gives it its name and removes nothing."""
    ended = file_store.mark_signed_out(ACCOUNT)
    later = commit(file_store, sample_session("later"), sign_in=True)
    os.rename(paths.session, paths.intent)
    elsewhere.clear(ACCOUNT, ended=ended, keep_for_revocation=False)
    stored = elsewhere.load(ACCOUNT)
    assert (stored.session, stored.signed_out, stored.in_doubt) == (later, False, False)


def test_an_answer_that_was_cut_off_is_never_put_over_a_later_sign_in(
    file_store: FileStore,
    elsewhere: FileStore,
    signed_in: Session,
    paths: AccountPaths,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though it lies whole in an intent: only a later one takes the session's name."""
    failing_commit(file_store, monkeypatch, after="sealing")
    sealed = Path(paths.intent).read_bytes()
    later = commit(elsewhere, sample_session("later"), sign_in=True)
    Path(paths.intent).write_bytes(sealed)
    os.chmod(paths.intent, 0o600)
    with elsewhere.claim(ACCOUNT, deadline=soon()) as claim:
        found = claim.read()
    assert (found.session, found.in_doubt, found.answered) == (later, False, False)


@pytest.mark.parametrize("after", ["intent", "sealing"])
def test_a_sign_in_takes_no_number_that_an_unsaved_answer_has(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """The process that holds it has to find the sign-in newer; and there is no unsaved answer any more."""
    failing_commit(file_store, monkeypatch, after=after)
    later = commit(elsewhere, sample_session("later"), sign_in=True)
    assert later.generation == 3
    for store in (file_store, elsewhere):
        seen = store.load(ACCOUNT)
        assert (seen.session, seen.answered, seen.in_doubt) == (later, False, False)


def test_a_sign_out_ends_an_unsaved_answer_as_well(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its number, whoever signs out: the next sign-in is newer than what lies in anybody's memory."""
    failing_commit(file_store, monkeypatch, after="intent")
    for store in (elsewhere, file_store):
        ended = store.mark_signed_out(ACCOUNT)
        assert ended == 2
    elsewhere.clear(ACCOUNT, ended=ended, keep_for_revocation=False)
    assert commit(elsewhere, sample_session("later"), sign_in=True).generation == 3


def test_a_sign_out_during_a_commit_that_fails_is_seen_by_it(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It found no answer yet, so the answer is given up instead of being kept in memory."""

    def sign_out_and_break(*_: object) -> None:
        monkeypatch.undo()
        elsewhere.mark_signed_out(ACCOUNT)
        raise StoreError("The disk failed")

    with file_store.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
        monkeypatch.setattr(durable, "fill", sign_out_and_break)
        with pytest.raises(StoreError) as failed:
            claim.commit(sample_session("unsaved"))
    assert failed.value.case == "signed-out-elsewhere"


def test_the_mark_of_an_answer_speaks_of_one_intent(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends when the process that holds it looks and finds another's: that one is a doubt like any."""
    failing_commit(file_store, monkeypatch, after="intent")
    commit(elsewhere, sample_session("later"), sign_in=True)
    with elsewhere.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
    assert file_store.load(ACCOUNT).in_doubt
    seen = elsewhere.load(ACCOUNT)
    assert (seen.answered, seen.in_doubt) == (False, True)


@pytest.mark.parametrize("end", ["commit", "withdraw"])
def test_an_intent_that_ends_under_the_look_is_no_doubt(
    file_store: FileStore, elsewhere: FileStore, signed_in: Session, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Whether its writer commits or withdraws between the look at it and the one at the lock."""
    with ExitStack() as claiming:
        claim = claiming.enter_context(file_store.claim(ACCOUNT, deadline=soon()))
        claim.intend()

        def held_after(path: str) -> bool:
            monkeypatch.undo()
            if end == "commit":
                claim.commit(sample_session("b"))
            else:
                claim.withdraw()
            claiming.close()
            return lock.held(path)

        monkeypatch.setattr(intent, "held", held_after)
        assert not elsewhere.load(ACCOUNT).in_doubt


# What a sign-out ends.


def test_a_marker_that_cannot_be_read_ends_everything_until_the_next_sign_in(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """Which writes it anew, so that it can be later."""
    file_store.mark_signed_out(ACCOUNT)
    commit(file_store, sample_session("b"), sign_in=True)
    Path(paths.signed_out).write_bytes(b"garbage")
    assert file_store.load(ACCOUNT).signed_out
    later = commit(file_store, sample_session("c"), sign_in=True)
    stored = file_store.load(ACCOUNT)
    assert (stored.session, stored.signed_out) == (later, False)


def test_a_session_of_before_the_number_of_its_sign_in_is_ended_by_any_marker(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """As it was when it was written."""
    edit(paths.session, schema=1, signed_in=0)
    Path(paths.signed_out).write_text(json.dumps({"schema": 1, "generation": 0}))
    os.chmod(paths.signed_out, 0o600)
    facts = read_header(paths)
    assert facts is not None
    assert facts.signed_in == 0
    assert marker.is_signed_out(paths, facts)


def test_a_revocation_that_cannot_be_opened_holds_up_no_other(
    file_store: FileStore, signed_in: Session, paths: AccountPaths
) -> None:
    """It waits, as long as any does."""
    sign_out(file_store, keep_for_revocation=True)
    second = commit(file_store, sample_session("b"), sign_in=True)
    sign_out(file_store, keep_for_revocation=True)
    edit(paths.revocation_pending, writer="somebody")
    assert file_store.pending_revocation(ACCOUNT) == kept(second)
    file_store.drop_revocation(ACCOUNT, kept(second))
    assert file_store.load(ACCOUNT).revocation_pending
    assert os.path.exists(paths.key)


def test_another_users_tokens_say_so_in_the_open(file_store: FileStore, signed_in: Session) -> None:
    """In the first line, for every reader."""
    committed = commit(file_store, replace(sample_session("theirs"), another_users=True))
    assert file_store.load(ACCOUNT).session == committed
    assert committed.another_users
