"""What goes with a request to the API beside the token: the same for every caller, and for that API alone."""

from collections.abc import Iterator

import anyio
import httpx
import pytest
from tests.support.codex_api import MODELS, WORKSPACE, CodexApi, codex_api

from signedin import Connection, ForbiddenOrigin, Provider, Secret
from signedin.api_rules import add_headers, models_path
from signedin.provider import ApiRules
from signedin.responses import ask, models, usage
from signedin_adapters.stores.memory import MemoryStore

RULES = ApiRules(
    headers=(("originator", "signedin"),), workspace_header="X-Workspace", models_query=(("version", "1 0"), ("a", "b"))
)
ACME = Provider(name="acme", title="Acme", issuer="https://id.example", api=RULES)


@pytest.fixture
def api() -> Iterator[CodexApi]:
    """An API that wants more than a token."""
    with codex_api() as api:
        yield api


def test_the_headers_and_the_workspace_are_put_in() -> None:
    """Into whatever holds headers."""
    headers: dict[str, str] = {}
    add_headers(headers, provider=ACME, workspace="w")
    assert headers == {"originator": "signedin", "X-Workspace": "w"}


def test_what_the_caller_set_stays() -> None:
    """Whoever embeds us may say who they are."""
    headers = httpx.Headers({"Originator": "acme"})
    add_headers(headers, provider=ACME, workspace="w")
    assert headers["originator"] == "acme"


@pytest.mark.parametrize("workspace", ["w", None])
def test_the_workspace_is_the_accounts_own(workspace: str | None) -> None:
    """Another one beside the token would only be refused."""
    headers = httpx.Headers({"x-workspace": "another"})
    add_headers(headers, provider=ACME, workspace=workspace)
    assert headers.get_list("x-workspace") == ([workspace] if workspace else [])


@pytest.mark.parametrize("workspace", ["", "a\nb: c", "a\r\nb: c", "a b", "wörk", "\u202e", "w" * 256])
def test_a_workspace_that_is_no_id_is_not_sent(workspace: str) -> None:
    """It was in no token: a file that somebody wrote must not make headers."""
    headers: dict[str, str] = {}
    add_headers(headers, provider=ACME, workspace=workspace)
    assert headers == {"originator": "signedin"}


def test_an_api_without_rules_gets_nothing_more() -> None:
    """As it was before there were any."""
    headers: dict[str, str] = {}
    plain = Provider(name="plain", title="Plain", issuer="https://id.example")
    add_headers(headers, provider=plain, workspace="w")
    assert (headers, models_path(plain)) == ({}, "/models")


def test_the_query_goes_with_the_list_of_models() -> None:
    """Encoded, in its order."""
    assert models_path(ACME) == "/models?version=1+0&a=b"


async def test_every_request_has_them(api: CodexApi) -> None:
    """The list of models, a question, the usage, and what an app asks by itself."""
    async with api.signed_in() as connection:
        await models(connection)
        await ask(connection, "Why?")
        api.says("/backend-api/wham/usage", 200, {})
        await usage(connection)
        async with connection.client() as client:
            await client.get("/anything")
    assert len(api.asked) == 4
    for asked in api.asked:
        assert asked.headers.get_list("originator") == ["signedin"]
        assert asked.headers.get_list("chatgpt-account-id") == [WORKSPACE]


async def test_an_app_names_itself_and_not_its_workspace(api: CodexApi) -> None:
    """For plain clients as well."""
    own = {"originator": "acme", "chatgpt-account-id": "another"}
    async with api.signed_in() as connection:
        async with connection.client() as client:
            await client.get("/models", headers=own)

        def plainly() -> None:
            with httpx.Client(auth=connection.auth, base_url=connection.api_base, trust_env=False) as client:
                client.get("/models", headers=own)

        await anyio.to_thread.run_sync(plainly)
    sent = [(asked.headers["originator"], asked.headers["chatgpt-account-id"]) for asked in api.asked]
    assert sent == [("acme", WORKSPACE)] * 2


async def test_another_origin_gets_none_of_it(api: CodexApi) -> None:
    """Nothing is sent there at all."""
    async with api.signed_in() as connection, connection.client() as client:
        with pytest.raises(ForbiddenOrigin):
            await client.get("http://127.0.0.1:9/models")
    assert api.asked == []


async def test_without_a_workspace_there_is_no_header_for_it(api: CodexApi) -> None:
    """The server then chooses by itself."""
    async with api.signed_in(workspace=None) as connection:
        await models(connection)
    assert "chatgpt-account-id" not in api.asked[0].headers


async def test_a_key_is_tried_with_them(api: CodexApi) -> None:
    """At a provider that is signed in to with one."""
    provider = Provider(
        name="keys",
        title="Keys",
        issuer=api.url,
        registration="api-key",
        scopes=(),
        api_base=f"{api.url}/backend-api/codex",
        api=RULES,
    )
    async with Connection.open(app_name="Acme", provider=provider, store=MemoryStore()) as connection:
        await connection.sign_in_with_key(Secret("sk-" + "k" * 40))
    (asked,) = api.asked
    assert (asked.url.path, asked.url.query, asked.headers["originator"]) == (MODELS, b"version=1+0&a=b", "signedin")
