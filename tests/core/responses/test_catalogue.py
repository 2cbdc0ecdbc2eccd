"""The account's list of models, from the sandbox."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.codex_api import CodexApi
from tests.support.connected import connected

from signedin import Connection, ConnectionFailed, InteractionRequired, SignedinError, UnknownModel
from signedin.responses import Model, models
from signedin.responses.catalogue import marked, read
from signedin_adapters.providers.codex import CLIENT_VERSION
from signedin_adapters.sandbox import Sandbox

LARGE, SMALL = Model(id="sandbox-large", name="Sandbox Large"), Model(id="sandbox-small", name="Sandbox Small")


def body(**answer: object) -> bytes:
    return json.dumps(answer).encode()


async def test_the_list_is_the_servers_in_its_order_without_what_it_hides(connection: Connection) -> None:
    """Nothing is chosen yet, so the first is what `ask` would use."""
    catalogue = await models(connection)
    assert [model.id for model in catalogue.models] == ["sandbox-large", "sandbox-small"]
    assert catalogue.selected == Model(id="sandbox-large", name="Sandbox Large", selected=True)
    assert not catalogue.stale


async def test_the_chosen_model_is_marked(connection: Connection) -> None:
    """Once it was chosen."""
    connection.use_model("sandbox-small")
    selected = (await models(connection)).selected
    assert selected is not None
    assert selected.id == "sandbox-small"


async def test_a_model_that_is_not_listed_is_refused_with_the_list(connection: Connection) -> None:
    """By id, not by the name shown."""
    catalogue = await models(connection)
    assert catalogue.find("sandbox-small").name == "Sandbox Small"
    with pytest.raises(UnknownModel, match="listed: sandbox-large, sandbox-small"):
        catalogue.find("Sandbox Small")


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("models-empty", "catalogue-empty"),
        ("models-520", "provider-outage"),
        ("api-html", "provider-outage"),
        ("api-503", "provider-outage"),
        ("api-403-detail", "plan-not-included"),
        ("api-429-limit", "app-usage-limit-hit"),
    ],
)
async def test_no_list_is_an_error_with_its_case(
    connection: Connection, sandbox: Sandbox, fault: str, case: str
) -> None:
    """Each says what is the matter, and the connection stays what it was."""
    sandbox.faults.inject(fault)
    with pytest.raises(SignedinError) as raised:
        await models(connection)
    assert raised.value.case == case
    assert not connection.needs_sign_in


async def test_a_token_that_is_refused_once_is_refreshed_and_the_list_still_comes(
    connection: Connection, sandbox: Sandbox
) -> None:
    """Nobody notices."""
    sandbox.faults.inject("api-401")
    assert (await models(connection)).models
    assert connection.snapshot.generation == 2


async def test_a_token_that_stays_refused_is_the_connections_own_trouble(
    connection: Connection, sandbox: Sandbox
) -> None:
    """No third request, and the case of the connection."""
    sandbox.faults.inject("api-401", times=None)
    with pytest.raises(ConnectionFailed) as raised:
        await models(connection)
    assert raised.value.case == "api-401-loop"
    assert [record.status for record in sandbox.requests if record.path == "/v1/models"] == [401, 401]


async def test_with_plan_use_declined_nothing_is_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    """The case names the way to allow it."""
    async with connected(sandbox, str(tmp_path), allow_plan=False) as connection:
        sandbox.requests.clear()
        with pytest.raises(ConnectionFailed) as raised:
            await models(connection)
    assert raised.value.case == "plan-use-off"
    assert len(sandbox.requests) == 0


async def test_signed_out_it_needs_a_person(connection: Connection) -> None:
    """As every use of a connection does."""
    await connection.sign_out()
    with pytest.raises(InteractionRequired):
        await models(connection)


def test_the_plain_apis_list_is_read_as_well() -> None:
    """There the id is the name."""
    assert read(body(object="list", data=[{"id": "b"}, {"id": "a"}])) == (("b", "b"), ("a", "a"))


def test_a_model_chosen_earlier_that_is_gone_is_not_replaced_by_another() -> None:
    """Then none is marked."""
    assert marked([("a", "A")], chosen="gone") == (Model(id="a", name="A"),)


def test_the_order_is_made_where_the_entries_say_it() -> None:
    """A lower priority first; equal ones stay in the server's order, and those without one come last."""
    listed = [
        {"slug": "none"},
        {"slug": "b", "priority": 2},
        {"slug": "null", "priority": None},
        {"slug": "a", "priority": 1.5},
        {"slug": "c", "priority": 2},
        {"slug": "hidden", "priority": 0, "visibility": "hide"},
        {"slug": "text", "priority": "0"},
    ]
    assert [id_ for id_, _ in read(body(models=listed), by_priority=True)] == ["a", "b", "c", "none", "null", "text"]
    assert [id_ for id_, _ in read(body(models=listed))] == ["none", "b", "null", "a", "c", "text"]


async def test_an_api_may_want_a_query_and_give_no_order(api: CodexApi) -> None:
    """Both are the profile's; the list that is kept is in the order that was made."""
    async with api.signed_in() as connection:
        for _ in range(2):
            assert [model.id for model in (await models(connection)).models] == ["model-a", "model-b"]
    (asked,) = api.asked
    assert asked.url.params["client_version"] == CLIENT_VERSION


def test_a_model_that_is_listed_twice_is_one() -> None:
    """At its first place."""
    assert [id_ for id_, _ in read(body(data=[{"id": "a"}, {"id": "b"}, {"id": "a"}]))] == ["a", "b"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["models", "data", "slug", "id", "priority"]), inner)
    ),
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()), st.booleans())
def test_reading_is_total(answer: bytes, by_priority: bool) -> None:
    """Whatever is no list of models holds none."""
    assert all(id_ for id_, _ in read(answer, by_priority=by_priority))
