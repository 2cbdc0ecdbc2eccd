"""What happens, as the pages read it: in order, caught up with, begun anew, and held up by nobody."""

import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import pytest
from tests.support.page import Browser, Event, read, wait_until

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.web import WebApp
from signedin_adapters.web import feed as feeding
from signedin_adapters.web.feed import KEPT, Feed


@pytest.fixture
def feed() -> Feed:
    """A feed that follows nobody: the test says what happens."""
    return Feed(lambda: {"looks": "so"})


async def following(stream: AsyncGenerator[bytes]) -> list[Event]:
    """The next piece of a stream, as events."""
    return list(read(iter((await anext(stream)).decode().split("\n"))))


async def begun(feed: Feed, last_id: str | None = None) -> AsyncGenerator[bytes]:
    """A stream whose first line, how soon to come again, was read."""
    stream = feed.stream(last_id)
    assert await anext(stream) == b"retry: 1000\n\n"
    return stream


async def test_a_new_page_begins_with_all_there_is(feed: Feed) -> None:
    """The state and the steps so far, the oldest first."""
    feed.changed({"trigger": "One"})
    feed.changed({"trigger": "Two"})
    async with aclosing(await begun(feed)) as stream:
        (event,) = await following(stream)
    assert (event.name, event.id) == ("reset", feed.last_id)
    assert event.data["state"] == {"looks": "so"}
    assert [step["trigger"] for step in event.data["history"]] == ["One", "Two"]


async def test_each_step_is_told_and_then_how_it_stands(feed: Feed) -> None:
    """Also what changed without a step."""
    async with aclosing(await begun(feed)) as stream:
        await following(stream)
        feed.changed({"trigger": "One"})
        (step,), (state,) = await following(stream), await following(stream)
        assert (step.name, step.data["trigger"], step.id) == ("transition", "One", feed.last_id)
        assert (state.name, state.data) == ("state", {"looks": "so"})
        feed.changed()
        (state,) = await following(stream)
        assert (state.name, state.id) == ("state", feed.last_id)


async def test_a_page_that_slept_catches_up(feed: Feed) -> None:
    """By the last id that it has seen; nothing twice, nothing left out."""
    for number in range(3):
        feed.changed({"trigger": str(number)})
    seen = feed.last_id
    for number in range(3, 6):
        feed.changed({"trigger": str(number)})
    async with aclosing(await begun(feed, seen)) as stream:
        events = [event for _ in range(4) for event in await following(stream)]
    assert [event.name for event in events] == ["transition"] * 3 + ["state"]
    assert [event.data["trigger"] for event in events[:3]] == ["3", "4", "5"]


async def test_a_page_that_slept_too_long_begins_anew(feed: Feed) -> None:
    """The ring has moved on; a step less and it would not."""
    feed.changed({"trigger": "seen"})
    seen = feed.last_id
    for _ in range(KEPT):
        feed.changed({"trigger": "missed"})
    async with aclosing(await begun(feed, seen)) as stream:
        assert (await following(stream))[0].name == "transition"
    feed.changed({"trigger": "missed"})
    async with aclosing(await begun(feed, seen)) as stream:
        (event,) = await following(stream)
    assert event.name == "reset"
    assert len(event.data["history"]) == KEPT


@pytest.mark.parametrize(
    "last_id", ["", "7", "-", "0123abcd-0", "{begun}-9", "{begun}-x", "{begun}--1", "{begun}-" + "9" * 400]
)
async def test_an_id_of_elsewhere_begins_anew(feed: Feed, last_id: str) -> None:
    """Of a server that was ended, of a future, or of nobody."""
    feed.changed()
    named = last_id.replace("{begun}", feed.last_id.partition("-")[0])
    async with aclosing(await begun(feed, named)) as stream:
        assert (await following(stream))[0].name == "reset"


async def test_a_silent_stream_has_a_heartbeat(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment, by which a page and all between notice a server that is gone."""
    monkeypatch.setattr(feeding, "HEARTBEAT_SECONDS", 0.01)
    async with aclosing(await begun(feed)) as stream:
        await following(stream)
        for _ in range(3):
            assert await anext(stream) == b": still here\n\n"


async def test_a_step_that_comes_while_another_is_told_is_not_missed(feed: Feed) -> None:
    """It wakes the stream that is not waiting yet."""
    async with aclosing(await begun(feed)) as stream:
        await following(stream)
        feed.changed({"trigger": "One"})
        await following(stream)
        feed.changed({"trigger": "Two"})
        told = [event for _ in range(3) for event in await following(stream)]
    assert [event.data.get("trigger") for event in told] == [None, "Two", None]


async def test_nothing_is_left_of_a_reader(feed: Feed) -> None:
    """Wherever it was when it left."""
    stream = await begun(feed)
    await following(stream)
    assert feed.readers == 1
    await stream.aclose()
    assert feed.readers == 0
    with anyio.move_on_after(0.05):
        async with aclosing(await begun(feed)) as stream:
            await following(stream)
            await anext(stream)
    assert feed.readers == 0


async def test_the_state_is_looked_at_once_for_all() -> None:
    """However many read along."""
    looks = 0

    def look() -> dict[str, object]:
        nonlocal looks
        looks += 1
        return {}

    feed = Feed(look)
    streams = [await begun(feed) for _ in range(20)]
    for stream in streams:
        await following(stream)
    looks = 0
    feed.changed()
    for stream in streams:
        assert (await following(stream))[0].name == "state"
        await stream.aclose()
    assert looks == 1


def test_a_steps_way_is_the_pictures(browser: Browser, sandbox: Sandbox) -> None:
    """And its words are those of the table and the catalogue, with nothing else of the event."""
    with browser.events() as events:
        assert next(events).name == "reset"
        browser.does("/sign-in")
        step = next(event for event in events if event.name == "transition")
        assert step.data.keys() == {"id", "at", "source", "trigger", "state", "case", "flags", "visible", "way"}
        assert step.data["way"] == "way-disconnected-authorizing"
        browser.does("/sign-in/cancel")
        step = next(event for event in events if event.name == "transition")
        assert (step.data["trigger"], step.data["case"]) == ("SignInCancelled", "login-cancelled")


def test_a_broken_stream_goes_on_where_it_was(browser: Browser) -> None:
    """Over HTTP, with the header that browsers send by themselves."""
    with browser.events() as events:
        seen = next(events).id
    browser.does("/sign-in")
    with browser.events(seen) as events:
        assert next(event.data["trigger"] for event in events if event.name == "transition") == "SignInRequested"
    browser.does("/sign-in/cancel")


def test_a_stalled_reader_delays_nobody(browser: Browser, page: WebApp, port: int) -> None:
    """One that takes nothing from its socket: others read on, and when it reads again it begins anew."""
    feed = page._desk.feed
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect(("127.0.0.1", port))
        stalled.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookies}\r\n\r\n".encode())
        with browser.events() as events:
            next(events)
            for padding, steps in ((32768, KEPT), (0, 2 * KEPT)):
                for _ in range(steps):
                    feed.changed({"trigger": "missed", "padding": "x" * padding})
                feed.changed({"trigger": f"last of {padding}"})
                assert next(event for event in events if f"last of {padding}" in last_told(event))
        stalled.settimeout(10)
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # what waits for it is some megabytes
        with stalled.makefile("rb") as lines:
            resets = (line for line in lines if line == b"event: reset\n")
            assert [next(resets), next(resets)]


def last_told(event: Event) -> str:
    """The newest step that an event tells; on a busy machine a reader may come late, and is told all of them anew."""
    steps = event.data["history"] if event.name == "reset" else [event.data]
    return str(steps[-1].get("trigger")) if steps else ""


def test_who_asks_for_its_headers_alone_gets_them(browser: Browser) -> None:
    """At once: a HEAD is no reader."""
    answer = browser.http.head(f"{browser.url}/events", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_reader_that_left_is_forgotten(browser: Browser, page: WebApp) -> None:
    """At this end as well, whatever was on its way to it."""
    feed = page._desk.feed
    with browser.events() as events:
        next(events)
        wait_until(lambda: feed.readers == 1)
    wait_until(lambda: feed.readers == 0)
