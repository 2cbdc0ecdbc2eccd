"""How fast `ask` reads an answer, against httpx reading the same bytes by hand.

By hand means what an app would write: the lines of the stream, the JSON of each event, the deltas put together; ours
also knows when an answer broke off, what the model said it was, and how much a stream may send. The API answers at once
from another process, an event in each chunk. All take turns; what counts is from the answer's head to its end, and each
turn gives one ratio. Promised: at least 0.9 times as fast. For threads each piece crosses from one thread to another,
which costs more than all else, and no model writes as fast: nothing is promised there.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx
from results.options import options
from results.promise import Promise
from results.section import Section, tell
from world.app import open_app
from world.canned_api import chunked, signed_in

from signedin import Connection, sync
from signedin.responses import ask

OPTIONS = {"deltas": (1000, "pieces of text in the answer"), "turns": (150, "answers that each reader reads")}
PROMISE = 0.9
SLOW_TURNS = 3
MODEL = "gpt-of-nobody"
WORDS = ("All", " happy", " answers", " are", " alike;", " each", " broken", " one", " breaks", " in", " its", " way. ")

Reading = Callable[[], Awaitable[tuple[float, int]]]
"""Reads a whole answer: seconds from its head to its end, and how long its text was."""


def main() -> int:
    """Read the same answer in each way, in turns, and say what came of it."""
    asked = options(__doc__, OPTIONS)
    pieces = [_encoded(event) for event in _events(asked.deltas)]
    answers = {"POST /v1/responses": chunked(pieces, "text/event-stream")}
    with signed_in(answers) as home:
        taken = asyncio.run(_measure(home, asked))
    return tell("stream", _section(taken, asked.deltas, sum(map(len, pieces))))


def _events(deltas: int) -> Iterator[dict[str, object]]:
    response: dict[str, object] = {
        "id": "resp_of_nobody",
        "object": "response",
        "model": MODEL,
        "status": "in_progress",
        "output": [],
    }
    place: dict[str, object] = {"item_id": "msg_of_nobody", "output_index": 0, "content_index": 0}
    yield {"type": "response.created", "response": response}
    yield {"type": "response.in_progress", "response": response}
    for number in range(deltas):
        yield {"type": "response.output_text.delta", **place, "delta": WORDS[number % len(WORDS)], "logprobs": []}
    yield {"type": "response.completed", "response": response | {"status": "completed"}}


def _encoded(event: dict[str, object]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


async def _measure(home: str, asked: argparse.Namespace) -> dict[str, list[float]]:
    async with open_app(home, time.time) as connection, connection.client() as client:
        ways: dict[str, Reading] = {
            "httpx, lines and JSON": lambda: _by_hand(client),
            "signedin, ask": lambda: _asked(connection),
            "httpx, bytes alone": lambda: _raw(client),
        }
        taken = await _in_turns(ways, asked.deltas, asked.turns)
        slow: dict[str, Reading] = {"signedin.sync, ask": lambda: _asked_by_a_thread(connection)}
        return taken | await _in_turns(slow, asked.deltas, SLOW_TURNS)


async def _in_turns(ways: dict[str, Reading], deltas: int, turns: int) -> dict[str, list[float]]:
    """The seconds of each, in the other order every other turn; the first fills the caches."""
    length = sum(len(WORDS[number % len(WORDS)]) for number in range(deltas))
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(turns + 1):
        for name in tuple(ways)[:: (-1) ** turn]:
            seconds, read = await ways[name]()
            assert read in (length, 0), f"{name} read {read} characters of {length}"
            taken[name].append(seconds)
    return {name: each[1:] for name, each in taken.items()}


async def _by_hand(client: httpx.AsyncClient) -> tuple[float, int]:
    deltas: list[str] = []
    async with client.stream("POST", "/responses", json=_question()) as response:
        begun = time.perf_counter()
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                event = json.loads(line[6:])
                if event["type"] == "response.output_text.delta":
                    deltas.append(event["delta"])
        return time.perf_counter() - begun, len("".join(deltas))


async def _asked(connection: Connection) -> tuple[float, int]:
    deltas: list[str] = []
    async with ask(connection, "How are you?", model=MODEL) as answer:
        begun = time.perf_counter()
        async for delta in answer:
            deltas.append(delta)  # noqa: PERF401 - what an app does
        return time.perf_counter() - begun, len("".join(deltas))


async def _asked_by_a_thread(connection: Connection) -> tuple[float, int]:
    """A plain loop, on the thread of this event loop, which waits meanwhile."""
    with sync.ask(sync.Connection(connection), "How are you?", model=MODEL) as answer:
        begun = time.perf_counter()
        length = sum(len(delta) for delta in answer)
        return time.perf_counter() - begun, length


async def _raw(client: httpx.AsyncClient) -> tuple[float, int]:
    async with client.stream("POST", "/responses", json=_question()) as response:
        begun = time.perf_counter()
        async for _ in response.aiter_bytes():
            pass
        return time.perf_counter() - begun, 0


def _question() -> dict[str, object]:
    return {"model": MODEL, "input": "How are you?", "store": False, "stream": True}


def _section(taken: dict[str, list[float]], deltas: int, size: int) -> Section:
    rows: list[tuple[str, ...]] = [("reader", "events a second", "MB a second", "× httpx, lines and JSON")]
    by_hand = taken["httpx, lines and JSON"]
    ratios: dict[str, float] = {}
    for name, each in taken.items():
        ratios[name] = statistics.median(theirs / ours for ours, theirs in zip(each, by_hand, strict=False))
        seconds = statistics.median(each)
        rows.append((name, f"{deltas / seconds:,.0f}", f"{size / seconds / 1e6:.1f}", f"{ratios[name]:.2f}"))
    promise = Promise(name="signedin, ask", measured=ratios["signedin, ask"], at_least=PROMISE)
    return Section(title="Stream", words=__doc__, tables=[rows], promises=[promise])


if __name__ == "__main__":
    sys.exit(main())
