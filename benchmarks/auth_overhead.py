"""What `connection.auth` adds to a request, against the same client with the token as a fixed header.

The API answers at once from another process, so that nothing hides the cost. Both clients take turns in batches of a
few requests, and each pair of batches gives one ratio; what is told is their median, with that of two clients that are
the same, which tells how much of it is noise. Promised: at most 5 % for sync and async clients.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import repeat

import httpx
from results.options import options
from results.promise import Promise
from results.section import Section, tell
from world.app import open_app
from world.canned_api import signed_in, whole

from signedin import Connection

OPTIONS = {"pairs": (300, "batches of each kind")}
PROMISE = 1.05
BATCH = 10
WARM_UP = 200
ANSWERS = {"GET /v1/models": whole(b'{"object": "list", "data": []}', "application/json")}

Batch = Callable[[], Awaitable[float]]
"""The seconds of one batch."""
Samples = dict[str, list[float]]
"""Seconds of a request, batch by batch, for each kind of client."""


def main() -> int:
    """Measure both kinds of client, and say what came of it."""
    asked = options(__doc__, OPTIONS)
    with signed_in(ANSWERS) as home:
        measured = asyncio.run(_measure(home, asked.pairs))
    return tell("auth_overhead", _section(measured))


async def _measure(home: str, pairs: int) -> dict[str, Samples]:
    async with open_app(home, time.time) as connection:
        fixed = {"Authorization": f"Bearer {(await connection.get_access_token()).reveal()}"}
        return {
            "httpx.Client": await _sync(connection, fixed, pairs),
            "httpx.AsyncClient": await _async(connection, fixed, pairs),
        }


async def _sync(connection: Connection, fixed: dict[str, str], pairs: int) -> Samples:
    base = connection.api_base
    with (
        httpx.Client(base_url=base, headers=fixed) as plain,
        httpx.Client(base_url=base, headers=fixed) as again,
        httpx.Client(base_url=base, auth=connection.auth) as ours,
    ):
        clients = {"a fixed header": plain, "the same again": again, "connection.auth": ours}
        return await _in_turns({name: _sync_batch(client) for name, client in clients.items()}, pairs)


async def _async(connection: Connection, fixed: dict[str, str], pairs: int) -> Samples:
    base = connection.api_base
    async with (
        httpx.AsyncClient(base_url=base, headers=fixed) as plain,
        httpx.AsyncClient(base_url=base, headers=fixed) as again,
        httpx.AsyncClient(base_url=base, auth=connection.auth) as ours,
    ):
        clients = {"a fixed header": plain, "the same again": again, "connection.auth": ours}
        return await _in_turns({name: _async_batch(client) for name, client in clients.items()}, pairs)


def _sync_batch(client: httpx.Client) -> Batch:
    async def batch() -> float:
        begun = time.perf_counter()
        for _ in repeat(None, BATCH):
            client.get("/models")  # noqa: ASYNC212 - nothing else is to run meanwhile
        return time.perf_counter() - begun

    return batch


def _async_batch(client: httpx.AsyncClient) -> Batch:
    async def batch() -> float:
        begun = time.perf_counter()
        for _ in repeat(None, BATCH):
            await client.get("/models")
        return time.perf_counter() - begun

    return batch


async def _in_turns(batches: dict[str, Batch], pairs: int) -> Samples:
    """All kinds in turns, each time in the other order."""
    samples: Samples = {name: [] for name in batches}
    for _ in range(WARM_UP // BATCH):
        for batch in batches.values():
            await batch()
    for number in range(pairs):
        for name in tuple(batches)[:: (-1) ** number]:
            samples[name].append(await batches[name]() / BATCH)
    return samples


def _section(measured: dict[str, Samples]) -> Section:
    rows: list[tuple[str, ...]] = [("client", "with", "µs a request", "× a fixed header")]
    promises: list[Promise] = []
    for client, samples in measured.items():
        fixed = samples["a fixed header"]
        for name, each in samples.items():
            ratio = statistics.median(one / other for one, other in zip(each, fixed, strict=True))
            rows.append((client, name, f"{statistics.median(each) * 1e6:.0f}", f"{ratio:.3f}"))
            if name == "connection.auth":
                promises.append(Promise(name=f"{name}, {client}", measured=ratio, at_most=PROMISE))
    return Section(title="What `connection.auth` adds", words=__doc__, tables=[rows], promises=promises)


if __name__ == "__main__":
    sys.exit(main())
