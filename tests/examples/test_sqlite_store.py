"""A store of one's own keeps the contract, and what is more: among processes, when they die, on a broken disk."""

import math
import os
import sqlite3
from collections.abc import Generator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest
from tests.support import kept_in_sqlite
from tests.support.app_process import AppProcess, Standing
from tests.support.broken_disk import BrokenDisk, OwnMounts, own_mounts
from tests.support.connected import announce
from tests.support.crowd import crowd
from tests.support.nursery import Nursery
from tests.support.shared_clock import SharedClock
from tests.support.stage import APP, Visitor
from tests.support.token_desk import TokenDesk
from tests.support.world import LIFETIME, World, connected

from signedin import Connection, State
from signedin.context import SAVE_SECONDS
from signedin.errors import StoreError
from signedin.ports import Store
from signedin.testing import StoreContract
from signedin.testing.sample_account import ACCOUNT, CANARY, commit, sample_record, sample_session
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores.key_value import KeyDirectory, KeyValueStore
from signedin_adapters.stores.keyring_key import KeyringKeys
from sqlite_store import sqlite_store

DISK = "disk-full-or-readonly"


@pytest.fixture
def store(tmp_path: Path) -> KeyValueStore:
    """An empty one, with its keys in files."""
    return kept_in_sqlite.open_store(app=APP, home=str(tmp_path))


def sign_in(store: Store) -> None:
    """Two sessions of one account, the second one there."""
    store.save_record(sample_record())
    commit(store, sample_session(), sign_in=True)
    commit(store, sample_session("second"))


class TestSqliteStore(StoreContract):
    """The contract of every store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return sqlite_store(app=APP, home=str(tmp_path), keys=KeyDirectory(tmp_path / "keys"))


# What lies on the disk.


def test_no_token_lies_in_the_database(store: KeyValueStore) -> None:
    """Nor in its journal, of whatever kind: here one that is kept."""
    store.probe()
    with closing(sqlite3.connect(store.place)) as kept:
        kept.execute("PRAGMA journal_mode = WAL").fetchall()
        kept.execute("SELECT * FROM items").fetchall()
        sign_in(store)
        database = Path(store.place)
        lying = {path.name: path.read_bytes() for path in database.parent.iterdir()}
        assert {"accounts.db", "accounts.db-wal"} <= lying.keys()
        assert ACCOUNT.encode() in b"".join(lying.values())
        assert CANARY.encode() not in b"".join(lying.values())


def test_its_directory_is_nobody_elses(store: KeyValueStore) -> None:
    """Whatever the database file's own mode is."""
    assert os.stat(os.path.dirname(store.place)).st_mode & 0o777 == 0o700


def test_its_keys_lie_in_the_os_keyring_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    """As those of the library's own stores do."""
    assert isinstance(sqlite_store(app=APP, home=str(tmp_path))._vault._holder, KeyringKeys)


# A database that fails.


def test_a_database_that_is_none_is_damaged(store: KeyValueStore) -> None:
    """Its file is left as it is."""
    Path(store.place).write_bytes(b"something else" * 100)
    with pytest.raises(StoreError, match="SQLITE_NOTADB") as failed:
        store.records()
    assert failed.value.case == "file-corrupt-truncated"
    assert Path(store.place).read_bytes().startswith(b"something else")


def test_a_database_that_somebody_holds_is_tried_again_later(
    store: KeyValueStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there is not in doubt; a commit that could not be made is kept in memory like any."""
    sign_in(store)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.01))
    with closing(sqlite3.connect(store.place, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="SQLITE_BUSY") as failed:
            store.load(ACCOUNT)
        assert failed.value.case == "store-unavailable"
    assert store.load(ACCOUNT).session is not None


def test_a_place_that_cannot_be_opened_is_a_matter_of_permissions(store: KeyValueStore) -> None:
    """A directory of that name stands for all that keeps a file from being opened."""
    os.remove(store.place)
    os.mkdir(store.place)
    with pytest.raises(StoreError, match="SQLITE_CANTOPEN") as failed:
        store.records()
    assert failed.value.case == "file-permission-or-owner"


# In use.


async def test_signing_in_using_and_signing_out(sandbox: Sandbox, home: Path, store: KeyValueStore) -> None:
    """Through the sandbox, and found again by the next process."""
    opened = partial(Connection.open, app_name=APP, provider="sandbox", store=store, prompt=Visitor(sandbox=sandbox))
    async with opened() as connection:
        await connection.sign_in()
        sandbox.grants.expire_access()
        async with connection.client() as client:
            assert (await client.get("/models")).status_code == 200
        assert (connection.state, connection.snapshot.generation) == (State.CONNECTED, 2)
    async with opened() as connection:
        assert connection.state is State.CONNECTED
        await connection.sign_out()
    assert sandbox.grants.all()[-1].ended == "revoked"
    stored = store.load(connection.snapshot.account_id)
    assert (stored.session, stored.signed_out, stored.revocation_pending) == (None, True, False)


# Among processes. They find the store by its name, as one that is installed.


class SqliteWorld(World):
    """Its apps keep their account in SQLite."""

    def app(self, runner: str = "asyncio") -> AppProcess:
        """Another process."""
        return AppProcess(self.home, store="sqlite", nursery=self.nursery, clock=self.clock_file, runner=runner)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of processes that have the store."""
    return kept_in_sqlite.install(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def nursery(installed: dict[str, str]) -> Generator[Nursery]:
    """Where they come from."""
    with Nursery(environment=installed) as nursery:
        yield nursery


@pytest.fixture(scope="module")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the clock of all processes and of the server stands."""
    return tmp_path_factory.mktemp("clock") / "now"


@pytest.fixture(scope="module")
def strict(clock_file: Path) -> Generator[tuple[Sandbox, TokenDesk]]:
    """A server that ends a sign-in whose token is spent twice."""
    sandbox = Sandbox(
        auto_approve=True, earliest_refresh_at="absent", access_ttl=LIFETIME, clock=SharedClock(clock_file)
    )
    desk = TokenDesk(sandbox)
    with sandbox.running():
        yield sandbox, desk


@pytest.fixture
def world(tmp_path: Path, strict: tuple[Sandbox, TokenDesk], nursery: Nursery, clock_file: Path) -> SqliteWorld:
    """Nobody is signed in."""
    sandbox, desk = strict
    clock = SharedClock(clock_file)
    clock.move_to(math.ceil(clock()))
    announce(sandbox, str(tmp_path))
    return SqliteWorld(home=tmp_path, sandbox=sandbox, desk=desk, clock=clock, clock_file=clock_file, nursery=nursery)


def signed_in(world: SqliteWorld) -> SqliteWorld:
    """Ada is signed in, and no process runs."""
    with world.app() as first:
        assert first.do("sign-in") == connected(1)
    world.sandbox.requests.clear()
    return world


pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="needs fork, which Windows has not")


def test_an_expiry_that_two_processes_meet_costs_one_redemption(world: SqliteWorld) -> None:
    """One asks, and both have what it got."""
    with crowd(signed_in(world), size=2) as apps:
        world.expire()
        assert apps.do("ask-thrice") == [connected(2)] * 2
    assert world.redemptions == ["refreshed"]


def test_a_sign_out_is_seen_elsewhere(world: SqliteWorld) -> None:
    """By whoever looks next."""
    with signed_in(world).app() as one, world.app() as other:
        assert other.do("look") == connected(1)
        assert one.do("sign-out").state == "disconnected"
        other.begin("limit look 0")
        assert other.do("look").state == "disconnected"


def test_whoever_is_killed_with_the_claim_leaves_it_free_and_a_doubt(world: SqliteWorld) -> None:
    """The token is spent and its answer lost: the access token serves, and the case says what happened."""
    with signed_in(world).app() as victim, world.desk.holding("decided") as request:
        victim.begin("refresh")
        request.wait_for()
        victim.kill()
    with world.app() as survivor:
        assert survivor.do("ask") == connected(1, in_doubt=True)
        world.expire()
        told = survivor.do("token")
        assert (told.state, told.case) == ("expired", "refresh-interrupted")
    assert world.redemptions == ["refreshed", "refresh_token_reused"]


def test_whoever_is_killed_before_the_token_was_sent_spends_nothing(world: SqliteWorld) -> None:
    """The doubt ends with the first answer."""
    with signed_in(world).app() as victim:
        victim.kill_at("connected", "refresh")
    with world.app() as survivor:
        assert survivor.do("look") == connected(1, in_doubt=True)
        world.expire()
        assert survivor.do("token") == connected(2)
    assert world.redemptions == ["refreshed"]


# On a disk that breaks, by means that bind root as well.


@pytest.fixture(scope="module")
def apart(installed: dict[str, str]) -> Generator[tuple[OwnMounts, Nursery]]:
    """Where the disk is, and where the apps come from that see it."""
    with ExitStack() as stack:
        mounts = stack.enter_context(own_mounts())
        yield mounts, stack.enter_context(Nursery(environment=installed, through=mounts.through))


@pytest.fixture
def disk(
    apart: tuple[OwnMounts, Nursery], world: SqliteWorld, tmp_path_factory: pytest.TempPathFactory
) -> Generator[BrokenDisk]:
    """A small disk that is well, with the world's home on it."""
    mounts, nursery = apart
    with BrokenDisk(mounts, tmp_path_factory.mktemp("disk")) as disk:
        disk.take(world.home / "sandbox.json")
        world.home, world.nursery = disk.home, nursery
        yield disk


@pytest.mark.linux
@pytest.mark.parametrize("broken", ["full", "read-only"])
def test_a_disk_that_could_not_take_the_answer_is_met_before_anything_is_sent(
    world: SqliteWorld, disk: BrokenDisk, broken: str
) -> None:
    """The token is not spent, the old one serves, and room is all that it takes."""
    with signed_in(world).app() as app:
        assert app.do("look") == connected(1)
        disk.break_down(broken)
        assert app.do("refresh").error == DISK
        assert app.do("token").error is None
        assert world.redemptions == []
        disk.mend(broken)
        assert app.do("refresh") == connected(2)


@pytest.mark.linux
def test_an_answer_that_cannot_be_saved_is_used_and_known_elsewhere(world: SqliteWorld, disk: BrokenDisk) -> None:
    """It serves whoever holds it; the others use the old one, and redeem nothing."""
    with signed_in(world).app() as holder, world.app() as other:
        with world.desk.holding("decided") as request:
            holder.begin("refresh")
            request.wait_for()
            disk.make_read_only()
        assert holder.finish() == Standing(state="connected", generation=2, case=DISK, degraded=True)
        told = other.do("refresh")
        assert (told.generation, told.error) == (1, "unsaved-elsewhere")
        assert world.redemptions == ["refreshed"]
        disk.make_writable()
        world.clock.advance(SAVE_SECONDS + 1)
        holder.do("token")
        saved = holder.do("saved")
        assert saved == connected(saved.generation)
        assert other.do("refresh") == saved
    assert world.redemptions == ["refreshed"]
