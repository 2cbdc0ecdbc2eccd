"""No secret gets out of the library: whatever an app prints, logs, pickles or reports of what it was handed."""

import copy
import dataclasses
import gc
import io
import json
import logging
import pickle
import traceback
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from tests.support.canaries import Canaries, Watched
from tests.support.connected import announce
from tests.support.raw_http import ask as ask_listener
from tests.support.waiting import OURS, waiting

import signedin
from signedin import Attempt, Connection, Provider, Secret, SignedinError, SignInFailed, Transition, cases
from signedin.oauth.callback import CallbackRejected
from signedin.responses import ask, models
from signedin.testing import FakeClock
from signedin.testing.free_ports import free_ports
from signedin_adapters.loopback import note
from signedin_adapters.sandbox import FaultSpec
from signedin_adapters.sandbox.realm import API_KEY

SINKS: dict[str, Callable[[Any], str | bytes]] = {
    "repr": repr,
    "str": str,
    "format": "{:>80}".format,
    "copy": lambda value: repr(copy.copy(value)),
    "deep copy": lambda value: repr(copy.deepcopy(value)),
    "pickle": pickle.dumps,
    "asdict": lambda value: repr(dataclasses.asdict(value)),
    "JSON of attributes": lambda value: json.dumps(value, default=vars),
    "JSON of texts": lambda value: json.dumps(value, default=str),
    "attributes": lambda value: repr(vars(value)),
}
"""How an app shows, keeps or sends an object. A sink may refuse one, and must not let a secret out."""


def traced(error: BaseException) -> str:
    """A traceback with the local variables of every frame, as crash reporters send it; nothing is left out."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def logged(error: BaseException) -> str:
    """What `logging` makes of it."""
    lines = io.StringIO()
    logger, handler = logging.Logger("app"), logging.StreamHandler(lines)
    logger.addHandler(handler)
    logger.error("it failed: %r", error, exc_info=error)
    return lines.getvalue()


ERROR_SINKS: dict[str, Callable[[Any], str | bytes]] = SINKS | {
    "arguments": lambda error: repr(error.args),
    "log": logged,
    "traceback": traced,
}


def let_out(values: dict[str, object], sinks: dict[str, Callable[[Any], str | bytes]], canaries: Canaries) -> list[str]:
    """Which secret of which value came out of which sink."""
    found = list[str]()
    for value_name, value in values.items():
        for sink_name, sink in sinks.items():
            with suppress(TypeError, AttributeError):
                found += [f"{name}: {sink_name} of {value_name}" for name in canaries.found_in(sink(value))]
    return found


async def paste(attempt: Attempt) -> None:
    """Go where the sandbox sends a browser, without httpx: its log would have the code, as a browser's history has."""

    def sent_to() -> str:
        url = urlsplit(attempt.url)
        with closing(HTTPConnection(url.netloc)) as browser:
            browser.request("GET", f"{url.path}?{url.query}")
            return browser.getresponse().getheader("Location") or ""

    await attempt.submit(await anyio.to_thread.run_sync(sent_to))


@pytest.fixture
def clock() -> FakeClock:
    """Time, moved forward at will."""
    return FakeClock()


@pytest.fixture
async def connection(watched: Watched, tmp_path: Path, clock: FakeClock) -> AsyncGenerator[Connection]:
    """A connection that Ada has signed in with; the next sign-in is pasted too."""
    announce(watched.sandbox, str(tmp_path))
    async with Connection.open(
        app_name="Acme Notes", provider="sandbox", home=tmp_path, prompt=paste, clock=clock
    ) as connection:
        await connection.sign_in()
        yield connection


async def public_objects(connection: Connection) -> dict[str, object]:
    """One of each class that an app meets."""
    transitions = list[Transition]()
    subscription = connection.subscribe(transitions.append)
    await connection.refresh()
    async with connection.authorize() as attempt:
        pass
    return {
        "AccountRecord": connection.accounts()[0],
        "Attempt": attempt,
        "Case": cases.find("session-ended"),
        "Category": cases.find("session-ended").category,
        "Connection": connection,
        "Flag": next(iter(connection.flags)),
        "Provider": connection.provider,
        "Secret": await connection.get_access_token(),
        "Snapshot": connection.snapshot,
        "State": connection.state,
        "Subscription": subscription,
        "Transition": transitions[-1],
        "TransitionStream": connection.transitions(),
    }


async def test_every_public_class_is_shown(connection: Connection) -> None:
    """A new one is not forgotten."""
    errors = {name for name in signedin.__all__ if name != "__version__" and _is_an_error(getattr(signedin, name))}
    assert set(await public_objects(connection)) == set(signedin.__all__) - errors - {"__version__"}


def _is_an_error(value: type) -> bool:
    return issubclass(value, Exception)


async def test_no_public_object_shows_a_secret(connection: Connection, watched: Watched) -> None:
    """Printed, copied, pickled or turned into JSON; nor do the parts that an app does not see."""
    objects = await public_objects(connection)
    async with connection.client() as client:
        objects |= {"auth": connection.auth, "client": client, "account": vars(connection)["_account"]}
        assert let_out(objects, SINKS, watched.secrets) == []


async def test_nothing_that_a_connection_holds_is_a_secret_in_the_open(
    connection: Connection, watched: Watched
) -> None:
    """Tokens lie in `Secret`s, however deep one digs."""
    texts = list(texts_in(await public_objects(connection)))
    assert "ada@example.com" in texts
    assert {name for text in texts for name in watched.secrets.found_in(text)} == set()


def texts_in(root: object) -> Iterator[str | bytes]:
    """Every text that can be reached through containers and our own objects, but for what a `Secret` holds."""
    seen, waiting = dict[int, object](), [root]
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, Secret | type):
            continue
        seen[id(value)] = value
        if isinstance(value, str | bytes):
            yield value
        elif isinstance(value, list | tuple | dict | set | frozenset | deque) or _is_ours(value):
            waiting += gc.get_referents(value)


def _is_ours(value: object) -> bool:
    return type(value).__module__.partition(".")[0] in ("signedin", "signedin_adapters")


Act = Callable[[Connection], Awaitable[object]]


async def sign_in(connection: Connection) -> None:
    await connection.sign_in()


async def refresh(connection: Connection) -> None:
    await connection.refresh()


async def use_after_it_ran_out(connection: Connection) -> None:
    clock: Any = vars(connection)["_account"].clock
    clock.advance(7200)
    await connection.get_access_token()


async def send_elsewhere(connection: Connection) -> None:
    async with connection.client() as client:
        await client.get("https://api.example.com/v1/models")


async def list_models(connection: Connection) -> None:
    await models(connection)


async def put_question(connection: Connection) -> None:
    async with ask(connection, "hello", model="sandbox-small") as answers:
        async for _ in answers:
            pass


async def call_the_api(connection: Connection) -> None:
    async with connection.client() as client:
        (await client.post("/responses", json={})).raise_for_status()


FAILURES: tuple[tuple[Act, str | None], ...] = (
    (sign_in, "token-503"),
    (sign_in, "token-html"),
    (sign_in, "token-huge"),
    (sign_in, "token-redirect-307"),
    (sign_in, "id-token-bad-nonce"),
    (sign_in, "callback-denied"),
    (sign_in, "callback-foreign-client"),
    (refresh, "token-503"),
    (refresh, "token-reused"),
    (refresh, "token-unknown-code"),
    (refresh, "id-token-wrong-sub"),
    (use_after_it_ran_out, "token-drop"),
    (send_elsewhere, None),
    (list_models, "api-401@always"),
    (list_models, "api-html"),
    (put_question, "stream-cut"),
    (call_the_api, "api-429-limit"),
)


@pytest.mark.parametrize(("act", "fault"), FAILURES, ids=lambda value: getattr(value, "__name__", value))
async def test_no_error_shows_a_secret(
    act: Act, fault: str | None, connection: Connection, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does its traceback with every local variable, nor what was logged on the way."""
    caplog.set_level(logging.DEBUG)
    if fault:
        watched.sandbox.faults.add(FaultSpec.parse(fault))
    with pytest.raises(Exception) as failed:
        await act(connection)
    assert let_out({type(failed.value).__name__: failed.value}, ERROR_SINKS, watched.secrets) == []
    assert watched.secrets.found_in(caplog.text) == set()


@pytest.mark.parametrize("key", [f"sk-{token_hex(24)}", f"sk-{token_hex(24)} with more"], ids=["refused", "no key"])
async def test_no_error_shows_an_api_key(key: str, watched: Watched, tmp_path: Path) -> None:
    """Refused by the API or by us; nor does the connection that holds one."""
    watched.secrets.plant("API key", key)
    provider = Provider(
        name="keys",
        title="Keys",
        issuer="https://keys.example",
        registration="api-key",
        api_base=watched.sandbox.api_base,
    )
    kept, known = Secret(key), Secret(API_KEY)
    watched.secrets.plant("known API key", API_KEY)
    watched.sandbox.api_keys = frozenset({API_KEY})
    del key
    async with Connection.open(app_name="Acme Notes", provider=provider, store="memory", home=tmp_path) as connection:
        with pytest.raises(SignedinError) as failed:
            await connection.sign_in_with_key(kept)
        assert let_out({"error": failed.value}, ERROR_SINKS, watched.secrets) == []
        await connection.sign_in_with_key(known)
        objects = {"connection": connection, "snapshot": connection.snapshot, "account": vars(connection)["_account"]}
        assert let_out(objects, SINKS, watched.secrets) == []


async def test_no_error_shows_the_secret_of_a_port(
    connection: Connection, watched: Watched, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked for and not given up; nor does the listener that has it show it."""
    caplog.set_level(logging.DEBUG)
    (port,) = free_ports(1)
    async with waiting(ports=[port], home=str(tmp_path)) as older:
        await ask_listener(port, OURS)
        left = note.read(str(tmp_path), port=port)
        assert left is not None
        watched.secrets.plant("secret of the port", left.secret.reveal())
        with pytest.raises(SignInFailed) as failed:
            await connection.sign_in(ports=(port,))
        assert let_out({"error": failed.value}, ERROR_SINKS, watched.secrets) == []
        assert let_out({"note": left}, SINKS, watched.secrets) == []
        held = texts_in({"listener": older.listener, "note": left})
        assert {name for text in held for name in watched.secrets.found_in(text)} == set()
        older.tasks.start_soon(ask_listener, port, "/done")
        await older.finish()
    assert watched.secrets.found_in(caplog.text) == set()


async def test_a_refused_paste_is_not_repeated(connection: Connection) -> None:
    """The error does not say what was pasted; a traceback's local variables do, where the app itself had it."""
    code = token_hex(16)
    async with connection.authorize() as attempt:
        with pytest.raises(CallbackRejected) as refused:
            await attempt.submit(f"{attempt.short_url}auth/callback?code={code}&state=guessed")
    for name, sink in (SINKS | {"log": logged}).items():
        with suppress(TypeError, AttributeError):
            assert code not in str(sink(refused.value)), name
