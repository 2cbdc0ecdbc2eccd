"""What `status` reads: everything that is there, nothing that costs, and every fault by its name."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from signedin.facts import AccountFacts
from signedin.record import AttemptNote, Health, Preferences
from signedin.testing.sample_account import ACCOUNT, commit, sample_record, sample_session, sign_out, soon
from signedin_adapters.stores import intent
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.lock import Lock, held
from signedin_adapters.stores.peek import look

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def signed_in(file_store: FileStore) -> FileStore:
    """The store with one account, signed in."""
    file_store.save_record(sample_record(workspace="ws-1", email="ada@example.com", plan="plus", model="m-1"))
    commit(file_store, sample_session(), sign_in=True)
    return file_store


def account(paths: AppPaths) -> AccountFacts:
    """The facts of the one account."""
    (facts,) = look(paths.home, paths.slug).accounts
    return facts


def cases(paths: AppPaths) -> set[str]:
    """The cases of all faults."""
    facts = look(paths.home, paths.slug)
    return {fault.case for fault in (*facts.faults, *(fault for found in facts.accounts for fault in found.faults))}


def test_an_empty_home_has_nothing_and_no_fault(app_paths: AppPaths) -> None:
    """Nobody was here yet, and looking makes nothing."""
    facts = look(app_paths.home, "demo")
    assert (facts.accounts, facts.attempt, facts.default_account, facts.faults) == ((), None, None, ())
    assert not os.path.exists(app_paths.home)


def test_a_signed_in_account_is_seen_whole(signed_in: FileStore, app_paths: AppPaths) -> None:
    """Record and header, without the key."""
    os.unlink(app_paths.account(ACCOUNT).key)
    facts = account(app_paths)
    assert (facts.id, facts.label, facts.email, facts.model) == (ACCOUNT, ACCOUNT, "ada@example.com", "m-1")
    assert (facts.workspace, facts.plan) == ("ws-1", "plus")
    assert facts.session is not None
    assert (facts.session.generation, facts.session.expires_at, facts.session.key_in) == (1, 4600.0, "file")
    assert facts.faults == ()


def test_an_endless_session_is_seen_as_endless(signed_in: FileStore, app_paths: AppPaths) -> None:
    """No end is infinity, as in the session itself."""
    commit(signed_in, sample_session(expires_at=math.inf, refresh_at=math.inf))
    session = account(app_paths).session
    assert session is not None
    assert math.isinf(session.expires_at)


def test_markers_and_locks_are_seen(signed_in: FileStore, app_paths: AppPaths) -> None:
    """A refresh, a sign-in, an intent, a sign-out, a revocation that is due."""
    with signed_in.claim(ACCOUNT, deadline=soon()) as claim:
        claim.intend()
        facts = account(app_paths)
        assert (facts.refreshing, facts.signing_in, facts.intent) == (True, False, True)
    with Lock(app_paths.account(ACCOUNT).sign_in_lock, deadline=0):
        facts = account(app_paths)
        assert (facts.refreshing, facts.signing_in, facts.intent) == (False, True, True)
    sign_out(signed_in, keep_for_revocation=True)
    facts = account(app_paths)
    assert (facts.signed_out, facts.revocation_pending, facts.session) == (True, True, None)


def test_an_intent_that_ends_under_the_look_is_none(
    signed_in: FileStore, app_paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit that came of it is seen instead."""
    with ExitStack() as claiming:
        claim = claiming.enter_context(signed_in.claim(ACCOUNT, deadline=soon()))
        claim.intend()

        def held_after(path: str) -> bool:
            monkeypatch.undo()
            claim.commit(sample_session("b"))
            claiming.close()
            return held(path)

        monkeypatch.setattr(intent, "held", held_after)
        facts = account(app_paths)
    assert (facts.intent, facts.refreshing) == (False, False)
    assert facts.session is not None
    assert facts.session.generation == 2


def test_an_older_sign_out_is_none(signed_in: FileStore, app_paths: AppPaths) -> None:
    """Its marker lies there still; the sign-in since outranks it."""
    sign_out(signed_in)
    assert account(app_paths).signed_out
    commit(signed_in, sample_session("b"), sign_in=True)
    assert not account(app_paths).signed_out


def test_a_first_sign_in_is_seen_while_it_waits(file_store: FileStore, app_paths: AppPaths) -> None:
    """Before there is an account, beside one that is only registered, and on none that somebody signed in to."""
    assert not look(app_paths.home, "demo").signing_in
    with file_store.sign_in_claim("nobodys"):
        assert look(app_paths.home, "demo").signing_in
        file_store.save_record(sample_record(created_at=0.0))
        assert account(app_paths).signing_in
        file_store.save_record(sample_record())
        assert not account(app_paths).signing_in
    assert not look(app_paths.home, "demo").signing_in


def test_health_attempt_and_choices_are_seen(signed_in: FileStore, app_paths: AppPaths) -> None:
    """What other processes left for people to know."""
    signed_in.note_health(ACCOUNT, Health(generation=1, state="error", case="offline", flags=("in_doubt",)))
    signed_in.note_attempt(AttemptNote(account_id=ACCOUNT, case="user-denied-consent", at=7.5))
    signed_in.save_preferences(Preferences(default_account=ACCOUNT, store="file"))
    facts, health = look(app_paths.home, "demo"), account(app_paths).health
    assert health is not None
    assert (health.case, health.flags) == ("offline", ("in_doubt",))
    assert facts.attempt is not None
    assert (facts.attempt.case, facts.attempt.at) == ("user-denied-consent", 7.5)
    assert (facts.default_account, facts.store) == (ACCOUNT, "file")


def test_accounts_come_oldest_first(signed_in: FileStore, app_paths: AppPaths) -> None:
    """As the store itself has them."""
    signed_in.save_record(sample_record("zzz", created_at=1.0))
    assert [found.id for found in look(app_paths.home, "demo").accounts] == ["zzz", ACCOUNT]


@pytest.mark.parametrize("name", ["account.json", "session"])
def test_a_damaged_file_is_a_fault_beside_what_can_be_read(
    signed_in: FileStore, app_paths: AppPaths, name: str
) -> None:
    """The other file still says what it says."""
    path = os.path.join(app_paths.account(ACCOUNT).directory, name)
    Path(path).write_bytes(b'{"schema": 1')
    facts = account(app_paths)
    assert [(fault.case, fault.path) for fault in facts.faults] == [("file-corrupt-truncated", path)]
    assert (facts.session is None) == (name == "session")
    assert (facts.label == "") == (name == "account.json")


@pytest.mark.parametrize("value", [None, True, "1", [], {}, 1.5])
@pytest.mark.parametrize("field", ["generation", "scopes", "issued_at", "has_refresh_token", "account", "schema"])
def test_a_field_of_another_type_is_a_fault(
    signed_in: FileStore, app_paths: AppPaths, field: str, value: object
) -> None:
    """Whatever stands there, nothing is raised."""
    path = Path(app_paths.account(ACCOUNT).session)
    first, _, second = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(first) | {field: value}).encode() + b"\n" + second)
    fits = {"issued_at": 1.5, "account": "1", "scopes": [], "has_refresh_token": True}
    assert cases(app_paths) == (set() if fits.get(field) == value and value is not None else {"file-corrupt-truncated"})


def test_a_newer_versions_file_is_a_fault(signed_in: FileStore, app_paths: AppPaths) -> None:
    """Its writer is named."""
    path = Path(app_paths.account(ACCOUNT).session)
    first, _, second = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(first) | {"schema": 9, "writer": "9.9.0"}).encode() + b"\n" + second)
    (fault,) = account(app_paths).faults
    assert fault.case == "schema-newer"
    assert "9.9.0" in fault.message


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX owners and modes")
def test_what_is_not_ours_is_a_fault(
    signed_in: FileStore, app_paths: AppPaths, make_foreign: Callable[[str], None]
) -> None:
    """A foreign account is not looked into."""
    make_foreign(app_paths.account(ACCOUNT).directory)
    assert cases(app_paths) == {"file-permission-or-owner"}


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX owners and modes")
@pytest.mark.parametrize("name", ["session", "key", "account.json"])
def test_what_others_may_read_is_a_fault_that_hides_nothing(
    signed_in: FileStore, app_paths: AppPaths, name: str
) -> None:
    """The remedy is one command."""
    os.chmod(os.path.join(app_paths.account(ACCOUNT).directory, name), 0o644)
    facts = account(app_paths)
    assert [fault.case for fault in facts.faults] == ["file-too-open"]
    assert "chmod 600" in facts.faults[0].message
    assert facts.session is not None


def test_a_broken_health_is_no_fault(signed_in: FileStore, app_paths: AppPaths) -> None:
    """It is best effort."""
    Path(app_paths.account(ACCOUNT).health).touch(mode=0o600)
    facts = account(app_paths)
    assert (facts.health, facts.faults) == (None, ())


def test_looking_changes_nothing(signed_in: FileStore, app_paths: AppPaths) -> None:
    """No file is made, none is written."""

    def snapshot() -> list[tuple[str, int]]:
        return sorted((str(path), path.stat().st_mtime_ns) for path in Path(app_paths.home).rglob("*"))

    before = snapshot()
    look(app_paths.home, "demo")
    assert snapshot() == before


def test_looking_is_light(signed_in: FileStore, app_paths: AppPaths) -> None:
    """It stands on the way of `status`, which starts with little more than the interpreter."""
    signed_in.host_id()
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from signedin_adapters.stores.peek import look\n"
        "assert look(sys.argv[1], 'demo').accounts[0].session\n"
        "print(*sys.modules)"
    )
    ran = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            code,
            app_paths.home,
            str(REPOSITORY / "core"),
            str(REPOSITORY / "adapters"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"typing", "dataclasses", "pathlib", "contextlib", "random", "secrets", "tempfile", "cryptography"}
    assert set(ran.stdout.split()).isdisjoint(heavy | {"filelock", "keyring", "threading", "hashlib", "ctypes"})
