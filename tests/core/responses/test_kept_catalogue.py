"""The list of models that is kept: when it is shown at once, what refreshes it, and whose it is."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.connected import connected

from signedin import Attempt, Connection, ConnectionFailed, InteractionRequired
from signedin.connection import account_of
from signedin.errors import AnswerRefused
from signedin.model_list import ModelList
from signedin.responses import behind, models
from signedin.responses.catalogue import RECENT_SECONDS, SHOWN_SECONDS
from signedin.waiting import wait
from signedin_adapters.sandbox import Sandbox

LATER = [{"slug": "sandbox-new", "display_name": "Sandbox New"}]


def asked(sandbox: Sandbox) -> list[int | None]:
    """How each request for the list was answered."""
    return [record.status for record in sandbox.requests if record.path == "/v1/models"]


def kept(connection: Connection) -> ModelList:
    """The list as it lies in the store."""
    account = account_of(connection)
    found = account.store.kept_models(account.record.id)
    assert found is not None
    return found


def file_of(home: Path) -> Path:
    """Where the only list of this home lies."""
    (path,) = home.glob("apps/*/accounts/*/models.json")
    return path


def change(connection: Connection, **changes: object) -> None:
    """Keep another list in its place."""
    account_of(connection).store.keep_models(replace(kept(connection), **changes))  # type: ignore[arg-type]


def age(connection: Connection, seconds: float) -> None:
    """Make it older."""
    was = kept(connection)
    change(connection, fetched_at=was.fetched_at - seconds, tried_at=was.tried_at - seconds)


async def refreshed(connection: Connection) -> None:
    """Wait for what is under way behind."""
    running = behind.under_way(account_of(connection))
    if running is not None:
        await wait(running)
    assert behind.under_way(account_of(connection)) is None


@pytest.fixture
async def listed(connection: Connection, sandbox: Sandbox) -> Connection:
    """A connection whose list was fetched a moment ago."""
    await models(connection)
    sandbox.requests.clear()
    return connection


async def test_a_recent_list_is_shown_without_asking(listed: Connection, sandbox: Sandbox) -> None:
    """As it was fetched, with the model marked that is chosen now."""
    listed.use_model("sandbox-small")
    catalogue = await models(listed)
    assert [(model.id, model.selected) for model in catalogue.models] == [
        ("sandbox-large", False),
        ("sandbox-small", True),
    ]
    assert (catalogue.fetched_at, catalogue.stale) == (kept(listed).fetched_at, False)
    assert asked(sandbox) == []
    assert behind.under_way(account_of(listed)) is None


async def test_the_next_process_has_it(listed: Connection, sandbox: Sandbox, tmp_path: Path) -> None:
    """It lies on disk, beside the account's record, for its user alone."""
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    async with Connection.open(app_name="Acme Notes", home=tmp_path) as other:
        assert (await models(other)).models
    assert asked(sandbox) == []


async def test_an_older_list_is_shown_at_once_and_refreshed_behind(
    listed: Connection, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look has the new one."""
    age(listed, RECENT_SECONDS + 60)
    monkeypatch.setattr("signedin_adapters.sandbox.api.MODELS", LATER)
    assert len((await models(listed)).models) == 2
    await refreshed(listed)
    assert [model.id for model in (await models(listed)).models] == ["sandbox-new"]
    assert asked(sandbox) == [200]


async def test_looking_often_refreshes_once(listed: Connection, sandbox: Sandbox) -> None:
    """One request at a time, however many look."""
    age(listed, RECENT_SECONDS + 60)
    for _ in range(5):
        await models(listed)
    await refreshed(listed)
    assert asked(sandbox) == [304]


async def test_a_list_that_is_the_same_is_confirmed(listed: Connection, sandbox: Sandbox) -> None:
    """By its ETag: 304 renews the time, and the list stays."""
    age(listed, 3600.0)
    before = kept(listed)
    catalogue = await models(listed, refresh=True)
    assert asked(sandbox) == [304]
    assert catalogue.fetched_at >= before.fetched_at + 3600.0
    assert kept(listed) == replace(before, fetched_at=catalogue.fetched_at, tried_at=catalogue.fetched_at)


async def test_a_list_is_fetched_whole_where_the_server_gave_no_validator(listed: Connection, sandbox: Sandbox) -> None:
    """One that is none is not sent either: it comes from a file."""
    for etag in (None, 'v1"', '"v\r\n1"', '"' + "v" * 300 + '"'):
        change(listed, etag=etag)
        assert (await models(listed, refresh=True)).models
    assert asked(sandbox) == [200, 200, 200, 200]


async def test_a_list_of_an_earlier_day_is_fetched_first(listed: Connection, sandbox: Sandbox) -> None:
    """And so is one from the future: a clock that was set says nothing of it."""
    for seconds in (SHOWN_SECONDS + 60, -3600.0):
        age(listed, seconds)
        assert not (await models(listed)).stale
    assert asked(sandbox) == [304, 304]


@pytest.mark.parametrize(("fault", "case"), [("models-520", "provider-outage"), ("models-empty", "catalogue-empty")])
async def test_a_refresh_that_fails_keeps_the_list_and_says_stale(
    listed: Connection, sandbox: Sandbox, fault: str, case: str
) -> None:
    """At once and later, until the provider gives a list again."""
    before = kept(listed)
    sandbox.faults.inject(fault)
    for catalogue in (await models(listed, refresh=True), await models(listed)):
        assert (catalogue.stale, catalogue.case, catalogue.fetched_at) == (True, case, before.fetched_at)
        assert len(catalogue.models) == 2
    catalogue = await models(listed, refresh=True)
    assert (catalogue.stale, catalogue.case) == (False, None)


async def test_a_refresh_behind_that_fails_is_told_at_the_next_look(listed: Connection, sandbox: Sandbox) -> None:
    """Whoever saw the list then was not kept waiting, and nobody is asked again at once."""
    age(listed, RECENT_SECONDS + 60)
    sandbox.faults.inject("models-520", times=None)
    assert not (await models(listed)).stale
    await refreshed(listed)
    assert (await models(listed)).stale
    assert asked(sandbox) == [520]


async def test_a_refusal_is_an_error_where_it_was_asked_for(listed: Connection, sandbox: Sandbox) -> None:
    """It will not pass by itself, so no earlier list hides it."""
    sandbox.faults.inject("api-403-detail")
    with pytest.raises(AnswerRefused) as raised:
        await models(listed, refresh=True)
    assert raised.value.case == "plan-not-included"
    assert (await models(listed)).case == "plan-not-included"


@pytest.mark.parametrize(
    "another",
    [
        {"api_base": "https://api.example/v1"},
        {"provider": "acme"},
        {"client_id": "c"},
        {"subject": "s"},
        {"path": "/models?version=2"},
    ],
)
async def test_another_accounts_list_is_never_shown(
    listed: Connection, sandbox: Sandbox, another: dict[str, object]
) -> None:
    """Nor that of another API, provider, registration or query, and its validator is not sent."""
    change(listed, models=(("foreign", "Foreign"),), **another)
    assert [model.id for model in (await models(listed)).models] == ["sandbox-large", "sandbox-small"]
    assert asked(sandbox) == [200]


async def test_a_list_that_is_out_of_place_is_never_shown(listed: Connection, sandbox: Sandbox, tmp_path: Path) -> None:
    """A file that was copied from another account's directory names that account."""
    path, ours = file_of(tmp_path), kept(listed).account_id
    path.write_text(path.read_text().replace(ours, "another"))
    assert (await models(listed)).models
    assert asked(sandbox) == [200]


async def test_another_sign_in_begins_without_a_list(listed: Connection, sandbox: Sandbox) -> None:
    """Another grant may be offered other models."""

    async def visit(attempt: Attempt) -> None:
        await attempt.submit(sandbox.sign_in(attempt.url))

    await listed.sign_in(prompt=visit)
    await models(listed)
    assert asked(sandbox) == [200]


async def test_signed_out_no_list_is_shown(listed: Connection, sandbox: Sandbox) -> None:
    """Nothing is sent, and the file is gone with the tokens."""
    await listed.sign_out()
    with pytest.raises(InteractionRequired):
        await models(listed)
    account = account_of(listed)
    assert account.store.kept_models(account.record.id) is None
    assert asked(sandbox) == []


async def test_a_connection_in_trouble_hears_of_it(listed: Connection, sandbox: Sandbox) -> None:
    """An earlier list would hide that the session has ended."""
    sandbox.expire_access_tokens()
    sandbox.faults.inject("token-invalid-grant")
    for refresh in (True, False):
        with pytest.raises(InteractionRequired):
            await models(listed, refresh=refresh)


async def test_with_plan_use_declined_no_list_is_shown(sandbox: Sandbox, tmp_path: Path) -> None:
    """Whatever lies there."""
    async with connected(sandbox, str(tmp_path), allow_plan=False) as connection:
        account = account_of(connection)
        record = account.record
        account.store.keep_models(
            ModelList(
                account_id=record.id,
                provider=record.provider,
                api_base=connection.api_base,
                client_id=record.client_id,
                subject=record.subject,
                models=(("m", "M"),),
                fetched_at=account.clock(),
                tried_at=account.clock(),
            )
        )
        with pytest.raises(ConnectionFailed) as raised:
            await models(connection)
    assert raised.value.case == "plan-use-off"
