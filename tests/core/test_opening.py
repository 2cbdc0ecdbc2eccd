"""Putting an account together: which one, which store, which adapters."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.support.stage import APP, PATIENCE, Stage

from signedin import Connection, State
from signedin.connection import account_of
from signedin.errors import (
    ConfigurationError,
    InteractionRequired,
    MisuseError,
    StoreError,
    UnknownAccount,
    UnknownProvider,
)
from signedin.record import Preferences, Stored
from signedin_adapters.stores import opening as stores
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.memory import MemoryStore

VAULT = MemoryStore()


def open_vault(**_: Any) -> MemoryStore:
    """A store of somebody else's making."""
    return VAULT


@pytest.fixture
def _vault_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package is installed that brings a store called "vault"."""
    about = tmp_path.parent / f"{tmp_path.name}-packages" / "vault_store-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: vault-store\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[signedin.stores]\nvault = tests.core.test_opening:open_vault\n")
    monkeypatch.syspath_prepend(str(about.parent))
    VAULT.__init__()  # type: ignore[misc]
    yield
    gc.collect()


@pytest.fixture
def plain_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """No certificates of this machine's own."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


def files_in(stage: Stage) -> set[str]:
    """What lies in the home beside the log."""
    return {path.name for path in Path(stage.home).rglob("*") if path.is_file() and path.parent.name != "log"}


def session_file(connection: Connection) -> Path:
    """Where the session lies."""
    return Path(connection._account.store.place, "accounts", connection.snapshot.account_id, "session")


async def test_an_unknown_provider_is_named_with_the_known_ones(stage: Stage) -> None:
    """Nothing is made for it."""
    with pytest.raises(UnknownProvider, match="nobody"):
        await stage.open(provider="nobody")
    assert files_in(stage) == {"sandbox.json"}


@pytest.mark.parametrize("name", ["", "  ", "!!!", "Acme\nNotes", "\x1b[31mAcme", None])
async def test_an_app_has_a_name(stage: Stage, name: Any) -> None:
    """One that people can read when they consent."""
    with pytest.raises(MisuseError, match="product's own name"):
        await stage.open(app_name=name)


async def test_an_unknown_account_is_named_with_the_known_ones(stage: Stage) -> None:
    """So that the right one is one more try away."""
    async with stage.signed_in():
        with pytest.raises(UnknownAccount, match=r"ada@example\.com"):
            await stage.open(account="grace")


async def test_a_sandbox_that_never_ran_is_answered_with_the_command(tmp_path: Path) -> None:
    """One line, and what to do."""
    with pytest.raises(ConfigurationError, match="signedin sandbox"):
        await Connection.open(app_name=APP, provider="sandbox", home=tmp_path)


async def test_an_unknown_store_is_named_with_the_installed_ones(stage: Stage) -> None:
    """Those are the entry points."""
    with pytest.raises(ConfigurationError, match="file, keyring, memory"):
        await stage.open(store="vault")


async def test_a_store_in_memory_leaves_nothing_behind(stage: Stage) -> None:
    """Not a file."""
    async with stage.open(store="memory") as connection:
        await connection.sign_in()
        await connection.refresh()
        assert connection.state is State.CONNECTED
        await connection.sign_out()
    assert files_in(stage) == {"sandbox.json"}


async def test_a_store_object_is_taken_as_it_is(stage: Stage) -> None:
    """Two connections on one store share its accounts."""
    store = MemoryStore()
    async with stage.open(store=store) as one:
        await one.sign_in()
        async with stage.open(store=store) as other:
            assert other.state is State.CONNECTED


@pytest.mark.usefixtures("_vault_installed")
async def test_a_third_partys_store_is_one_entry(stage: Stage) -> None:
    """Named by whoever opens; what it holds is found again by the next."""
    async with stage.open(store="vault") as connection:
        await connection.sign_in()
        assert connection._account.store is VAULT
    del connection
    stage.restart()
    async with stage.open(store="vault") as connection:
        assert connection.state is State.CONNECTED
    assert files_in(stage) == {"sandbox.json"}


async def test_the_default_account_is_the_users_choice(stage: Stage) -> None:
    """Else it is the first."""
    async with stage.signed_in() as ada:
        async with stage.open(new=True, account="grace") as grace:
            stage.sandbox.auto_approve = False
            await grace.sign_in(prompt=stage.visitor(person="grace"))
        async with stage.open() as connection:
            assert connection.snapshot.label == "ada@example.com"
        ada._account.store.save_preferences(Preferences(default_account="grace"))
        async with stage.open() as connection:
            assert connection.snapshot.email == "grace@example.com"


async def test_the_provider_is_the_accounts_own_where_none_is_named(stage: Stage) -> None:
    """It signed in there."""
    async with stage.signed_in():
        pass
    stage.restart()
    async with stage.open(provider=None) as connection:
        assert connection.provider.name == "sandbox"
        assert connection.state is State.CONNECTED


async def test_a_new_account_is_another_one(stage: Stage) -> None:
    """Beside those that are there, and never under a name that is taken."""
    async with stage.signed_in() as first, stage.open(new=True, account="work") as second:
        assert second.state is State.DISCONNECTED
        await second.sign_in()
        assert second.snapshot.label == "work"
        assert second.snapshot.account_id != first.snapshot.account_id
        with pytest.raises(MisuseError):
            await stage.open(new=True, account="work")


async def test_accounts_of_one_app_have_one_store_and_one_way_out(stage: Stage, plain_route: None) -> None:
    """What is equal is there once, however many accounts are open."""
    async with stage.open(http=None) as first, stage.open(new=True, account="work", http=None) as second:
        one, other = account_of(first), account_of(second)
        assert one is not other
        assert (one.store, one.http, one.provider) == (other.store, other.http, other.provider)
        assert one.store is other.store
        assert one.http is other.http
        assert one.provider is other.provider


async def test_another_setting_is_another_adapter(
    stage: Stage, plain_route: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens an account later has the settings of that moment."""
    async with stage.open(http=None) as first:
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
        monkeypatch.setenv("SIGNEDIN_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
        async with stage.open(new=True, account="work", http=None) as second:
            one, other = account_of(first), account_of(second)
            assert one.http != other.http
            assert one.store != other.store


async def test_who_may_ask_a_person_has_a_store_of_their_own(stage: Stage) -> None:
    """A keyring's question reaches the command that stands at a terminal, and no connection in the background."""
    asking, silent = (stores.keyring(app=APP, home=stage.home, asking=ask) for ask in (print, None))
    assert asking != silent
    assert silent == stores.keyring(app=APP, home=stage.home)


async def test_an_app_sees_its_own_accounts_alone(stage: Stage) -> None:
    """Another app on the same machine is another world."""
    async with stage.signed_in(), stage.open(app_name="Another app") as other:
        assert other.state is State.DISCONNECTED
        assert other.accounts() == ()


async def test_handles_that_come_before_the_first_sign_in_share_the_account_to_come(stage: Stage) -> None:
    """So that the user is registered once."""
    async with stage.open() as one, stage.open() as other:
        await one.sign_in()
        assert other.state is State.CONNECTED
        assert other.snapshot.account_id == one.snapshot.account_id


async def test_whoever_comes_while_an_account_is_loaded_waits_for_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees a Disconnected that is only not read yet."""
    async with stage.signed_in():
        pass
    stage.restart()
    loading, go_on = threading.Event(), threading.Event()
    load = FileStore.load

    def slow(store: FileStore, account_id: str) -> Stored:
        loading.set()
        go_on.wait(PATIENCE)
        return load(store, account_id)

    monkeypatch.setattr(FileStore, "load", slow)
    states: list[State] = []

    async def look() -> None:
        async with stage.open() as connection:
            states.append(connection.state)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)
        await anyio.to_thread.run_sync(loading.wait, PATIENCE)
        tasks.start_soon(look)
        await anyio.sleep(0.02)
        assert states == []
        go_on.set()
    assert states == [State.CONNECTED] * 2


async def test_a_damaged_session_is_an_error_and_nothing_is_lost(stage: Stage) -> None:
    """It stays where it is, and signing in again replaces it."""
    async with stage.signed_in() as connection:
        damaged = anyio.Path(session_file(connection))
    await damaged.write_bytes(b"{")
    stage.restart()
    async with stage.open() as connection:
        assert connection.state is State.ERROR
        assert connection.case is not None
        assert connection.case.id == "file-corrupt-truncated"
        assert await damaged.read_bytes() == b"{"
        await connection.sign_in()
        assert connection.snapshot.state is State.CONNECTED


async def test_a_store_that_could_not_be_read_is_read_again_on_a_retry(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a keyring was unlocked; the retry ends with the reading."""
    async with stage.signed_in():
        pass
    stage.restart()
    with monkeypatch.context() as patch:
        patch.setattr(FileStore, "load", _locked)
        connection = await stage.open()
        assert connection.state is State.ERROR
    await connection.retry()
    assert connection.snapshot.state is State.CONNECTED
    await connection.get_access_token()


async def test_a_token_that_is_asked_for_when_the_retry_is_due_waits_for_the_reading(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to ask twice."""
    async with stage.signed_in():
        pass
    stage.restart()
    with monkeypatch.context() as patch:
        patch.setattr(FileStore, "load", _locked)
        connection = await stage.open()
    stage.clock.advance(60)
    await connection.get_access_token()
    assert connection.state is State.CONNECTED


async def test_a_retry_finds_an_account_that_was_removed_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ends in Disconnected."""
    async with stage.signed_in() as gone:
        store, account_id = gone._account.store, gone.snapshot.account_id
    stage.restart()
    with monkeypatch.context() as patch:
        patch.setattr(FileStore, "load", _locked)
        connection = await stage.open()
    store.forget(account_id)
    with pytest.raises(InteractionRequired):
        await connection.retry()
    assert connection.state is State.DISCONNECTED


def _locked(*_: object) -> Stored:
    raise StoreError("Locked.", case="keyring-locked")
