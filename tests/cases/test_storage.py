"""Storage. Keyrings of real desktops and disks that are broken have files of their own."""

import json
import os
from pathlib import Path

import keyring.errors
import pytest
from tests.support.command_line import asked_to_authorize
from tests.support.fake_keyring import WINDOWS_LIMIT, FakeKeyring
from tests.support.keyrings import raising
from tests.support.user import User

from signedin.facts import SessionFacts
from signedin.rotation import Rotation
from signedin_adapters.stores import header
from signedin_adapters.stores.fields import SCHEMA
from signedin_adapters.stores.header import encode

SINCE_SCHEMA_2 = ("signed_in", "another_users")


def file_of_account(user: User, name: str) -> Path:
    """One file of the only account that there is."""
    (account,) = user.home.glob("apps/signedin/accounts/*")
    return account / name


def from_version(schema: int, session: bytes) -> bytes:
    """The session as a later version would have left it: its first line says so."""
    first, _, rest = session.partition(b"\n")
    return json.dumps(json.loads(first) | {"schema": schema}).encode() + b"\n" + rest


def schema_of(session: Path) -> int:
    """Which version wrote it."""
    schema: int = json.loads(session.read_bytes().partition(b"\n")[0])["schema"]
    return schema


def as_schema_1(facts: SessionFacts, *, holds: str) -> bytes:
    """A session's first line as the first version wrote it."""
    line: dict[str, object] = json.loads(encode(facts, holds=holds)) | {"schema": 1}
    return json.dumps({name: value for name, value in line.items() if name not in SINCE_SCHEMA_2}).encode()


# The keyring, pretended


@pytest.mark.case("silent-plaintext-fallback")
def test_a_key_lies_in_a_file_only_where_that_was_asked_for(
    user: User, acme: str, pretended_keyring: type[FakeKeyring], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor says where it lies, the tokens are sealed all the same, and the remedy moves it to the keyring."""
    with monkeypatch.context() as asked:
        asked.setenv("SIGNEDIN_STORE", "file")
        user.signs_in(acme)
    assert b"rt_" not in file_of_account(user, "session").read_bytes()
    user.types("doctor")
    user.was_warned("file")
    user.stands("connected", names_case=False)
    user.leaves_out("logged", because="advice: nothing goes wrong")
    user.leaves_out("diagnosed", because="advice: nothing goes wrong")
    monkeypatch.setenv("SIGNEDIN_STORE", "keyring")
    assert user.types("login", "--again").code == 0
    assert len(pretended_keyring.entries) == 1
    monkeypatch.delenv("SIGNEDIN_STORE")
    user.keeps_the_session()


@pytest.mark.case("keyring-too-large-windows", system="Windows")
def test_a_keyring_as_small_as_windows_own(user: User, acme: str, pretended_keyring: type[FakeKeyring]) -> None:
    """It takes the key and never a token. Not run on Windows: a pretended keyring has its limit."""
    pretended_keyring.limit = WINDOWS_LIMIT
    user.signs_in(acme)
    (kept,) = pretended_keyring.entries.values()
    assert len(kept.encode("utf-16-le")) < WINDOWS_LIMIT / 10
    user.types("ask", "Hello")
    user.was_warned()
    user.stands("connected", names_case=False)
    user.leaves_out("logged", because="advice: nothing goes wrong")
    user.leaves_out("diagnosed", because="advice: nothing goes wrong")
    user.keeps_the_session()


@pytest.mark.case("keyring-denied")
def test_a_keyring_that_says_no(user: User, acme: str, pretended_keyring: type[FakeKeyring]) -> None:
    """Somebody chose “Deny” when the desktop asked; the next time they choose otherwise."""
    user.signs_in(acme)
    raising(keyring.errors.PasswordSetError())
    user.types("ask", "Hello")
    user.was_told("Allow it")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    pretended_keyring.before = staticmethod(lambda: None)
    user.keeps_the_session()


@pytest.mark.case("keyring-silent-nonwrite")
def test_a_keyring_that_keeps_nothing(
    user: User, acme: str, pretended_keyring: type[FakeKeyring], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes whatever it is given and has nothing afterwards: met before a browser opens."""
    pretended_keyring.keeps = False
    user.types("login", "--provider", acme)
    user.was_told("SIGNEDIN_STORE=file signedin login --provider acme --again")
    assert not asked_to_authorize(user.sandbox)
    user.stands("disconnected", names_case=False)
    user.logged()
    user.is_diagnosed()
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    assert user.types("login", "--provider", acme).code == 0
    user.keeps_the_session()


# The files


@pytest.mark.linux
@pytest.mark.case("file-permission-or-owner")
@pytest.mark.parametrize("wrong", ["owner", "second name"])
def test_a_session_that_may_not_be_ours(user: User, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """`sudo` made it somebody else's, or a tool that copies homes linked it: `status` names the file."""
    user.signs_in()
    session, other = file_of_account(user, "session"), user.home / "other"
    with monkeypatch.context() as patch:
        if wrong == "second name":
            os.link(session, other)
        elif os.geteuid() == 0:
            os.chown(session, 12345, 12345)
        else:
            stranger = os.geteuid() + 1
            patch.setattr(os, "geteuid", lambda: stranger)
        user.types("ask", "Hello")
        user.was_told("signedin status")
        user.stands("error")
        assert str(session) in user.types("status").out
        user.logged()
        user.is_diagnosed()
    if wrong == "second name":
        other.unlink()
    elif os.geteuid() == 0:
        os.chown(session, 0, 0)
    user.keeps_the_session()


@pytest.mark.linux
@pytest.mark.case("file-permission-or-owner")
def test_a_directory_that_others_may_write_to(user: User) -> None:
    """Whoever may write there could put a session of their own: nothing in it is read, and what to type is said."""
    user.signs_in()
    directory = file_of_account(user, "session").parent
    directory.chmod(0o777)
    user.types("ask", "Hello")
    user.was_told(f"chmod go-w {directory}")
    user.stands("error")
    user.leaves_out("logged", because="nothing was opened, so no step was taken: diagnose reads the opening")
    user.is_diagnosed()
    directory.chmod(0o700)
    user.keeps_the_session()


@pytest.mark.linux
@pytest.mark.case("file-too-open")
def test_a_session_that_others_may_read(user: User) -> None:
    """What is secret in it is sealed, so it is used; the status says what to type."""
    user.signs_in()
    session = file_of_account(user, "session")
    session.chmod(0o644)
    user.types("status")
    user.was_warned(f"chmod 600 {session}")
    user.stands("connected", names_case=False)
    user.leaves_out("logged", because="only looking sees it, and what only looks writes no log")
    user.leaves_out("diagnosed", because="only looking sees it: it keeps nobody from anything")
    user.keeps_the_session()


@pytest.mark.case("file-corrupt-truncated")
def test_a_session_that_was_cut_short(user: User) -> None:
    """Half of it is there. The half is kept, and signing in makes a whole one."""
    user.signs_in()
    session = file_of_account(user, "session")
    half = session.read_bytes()[:100]
    session.write_bytes(half)
    user.types("ask", "Hello")
    user.was_told("signedin login")
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    assert user.types("login").code == 0
    assert session.with_name("session.corrupt-1").read_bytes() == half
    user.keeps_the_session()


@pytest.mark.case("file-corrupt-truncated")
def test_a_record_that_was_cut_short(user: User) -> None:
    """Whose session it is, is not known then."""
    user.signs_in()
    record = file_of_account(user, "account.json")
    record.write_bytes(record.read_bytes()[:40])
    user.types("ask", "Hello")
    user.was_told("account.json", "signedin login")
    user.stands("error")
    user.leaves_out("logged", because="nothing was opened, so no step was taken: diagnose reads the opening")
    user.is_diagnosed()
    assert user.types("login", "--provider", "sandbox").code == 0
    user.keeps_the_session()


@pytest.mark.case("schema-newer")
def test_a_session_of_a_newer_version(user: User) -> None:
    """Nothing touches it, neither a question nor a sign-in; with the newer version it goes on as it was."""
    user.signs_in()
    session = file_of_account(user, "session")
    before = session.read_bytes()
    newer = from_version(SCHEMA + 1, before)
    session.write_bytes(newer)
    user.types("login", "--again")
    assert user.ran.code == user.case.exit_code
    user.types("ask", "Hello")
    user.was_told("Update")
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    assert session.read_bytes() == newer
    session.write_bytes(before)
    user.keeps_the_session()


@pytest.mark.case("schema-older")
def test_a_session_of_an_older_version(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read as what it is, and takes today's form when it is next written."""
    with monkeypatch.context() as then:
        then.setattr(header, "encode", as_schema_1)
        user.signs_in()
    session = file_of_account(user, "session")
    assert schema_of(session) == 1
    user.types("status")
    user.was_warned("Signed in")
    user.stands("connected", names_case=False)
    user.leaves_out("logged", because="advice: nothing goes wrong")
    user.leaves_out("diagnosed", because="advice: nothing goes wrong")
    user.keeps_the_session("refresh")
    assert schema_of(session) == SCHEMA


# What is set


@pytest.mark.case("stale-entry-shadows")
def test_signed_in_again_and_still_the_old_account(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that was set long ago chooses the account of then; the doctor finds it, the status says so."""
    user.signs_in()
    assert user.types("login", "--new", "--label", "work").code == 0
    monkeypatch.setenv("SIGNEDIN_ACCOUNT", "ada@example.com")
    assert "SIGNEDIN_ACCOUNT" in user.types("status").out
    user.types("doctor")
    user.was_warned("SIGNEDIN_ACCOUNT chooses this one", "signedin accounts")
    user.stands("connected", names_case=False)
    user.leaves_out("logged", because="only the doctor compares the accounts, and it writes no log")
    user.leaves_out("diagnosed", because="only the doctor compares the accounts")
    monkeypatch.delenv("SIGNEDIN_ACCOUNT")
    user.keeps_the_session()


@pytest.mark.case("store-unavailable")
def test_a_passphrase_that_is_gone(user: User, acme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret of the container was not mounted: that says nothing about the session."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse battery staple\n")
    passphrase.chmod(0o600)
    monkeypatch.setenv("SIGNEDIN_PASSPHRASE_FILE", str(passphrase))
    user.signs_in(acme)
    away = passphrase.rename(tmp_path / "away")
    user.types("ask", "Hello")
    user.was_told("signedin doctor")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    away.rename(passphrase)
    user.keeps_the_session()


@pytest.mark.case("configuration-changed")
def test_addresses_that_changed(user: User, acme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody edited the provider: no token goes to an address that was never signed in to."""
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    user.signs_in(acme)
    settings = user.home / "config.toml"
    before = settings.read_text()
    settings.write_text(before.replace(user.sandbox.api_base, "http://127.0.0.1:9/elsewhere"))
    user.sandbox.requests.clear()
    user.types("ask", "Hello")
    user.was_told("login", "--again")
    user.stands("error")
    user.logged()
    user.is_diagnosed()
    assert list(user.sandbox.requests) == []
    settings.write_text(before)
    user.keeps_the_session()


@pytest.mark.case("bug")
def test_a_fault_of_ours(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is, it costs no session, and the log has its kind alone. The next command tries anew."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("something private")

    user.signs_in()
    with monkeypatch.context() as patch:
        patch.setattr(Rotation, "run", broken)
        user.types("refresh")
    user.was_told("Update")
    user.stands("connected")
    user.logged()
    assert any(line.get("kind") == "ZeroDivisionError" for line in user.log)
    assert "something private" not in json.dumps(user.log) + user.ran.err
    user.is_diagnosed()
    user.keeps_the_session("refresh")
