"""Owns `usage`: what is left of the plan's limits, at the provider that tells it.

The answer is read totally: anything in it may be null or missing, and what is not told is not guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from signedin.account import Account
from signedin.auth import went_well
from signedin.connection import Connection, account_of
from signedin.oauth.claims import label
from signedin.oauth.refusal import unreadable
from signedin.oauth.strict_json import MalformedJson, member, parse_object
from signedin.responses import api_request, number
from signedin.states import Flag

FETCH_SECONDS = 30.0
"""How long the whole answer may take."""
MAX_LIMITS = 32
"""Additional limits that are told apart; there are a handful in practice."""

_WINDOWS = ("primary", "secondary")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageWindow:
    """One limit that rolls: `used_percent` of what `window_seconds` allow; at `resets_at`, Unix seconds, it is whole.

    `name` is "primary" or "secondary", or what the provider calls a limit beside these; the last two are None where it
    does not say.
    """

    name: str
    used_percent: float
    window_seconds: float | None = None
    resets_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the provider told at `fetched_at`, Unix seconds; `plan` and `limit_reached` are None where it did not."""

    plan: str | None
    limit_reached: bool | None
    windows: tuple[UsageWindow, ...]
    fetched_at: float


async def usage(connection: Connection) -> Usage | None:
    """Ask, `GET` of the profile's `usage_url`; None where the provider has none and so does not tell.

    It spends nothing. A limit that is reached raises the flag `usage_paused`, one that is not lowers it. Raises what
    `Connection.get_access_token` raises; TransportFailed and AnswerRefused with their case.
    """
    account = account_of(connection)
    url = account.provider.api.usage_url
    if url is None:
        return None
    with account.failures.noted("api-get"):
        async with api_request.sent(connection, "GET", url, seconds=FETCH_SECONDS) as response:
            body = await api_request.body_of(response, account, seconds=FETCH_SECONDS)
        told = read(body, at=account.clock())
        if told is None:
            raise unreadable(api_request.plain(response), "word about usage")
    went_well(account, "GET")
    _note(told, account)
    return told


def read(body: bytes, *, at: float) -> Usage | None:
    """What an answer of `at`, Unix seconds, says; None for what is no JSON object."""
    try:
        answer = parse_object(body)
    except MalformedJson:
        return None
    limit = answer.get("rate_limit")
    reached = member(limit, "limit_reached")
    return Usage(
        plan=label(answer.get("plan_type")),
        limit_reached=reached if isinstance(reached, bool) else None,
        windows=(*_windows(limit, at), *_additional(answer.get("additional_rate_limits"), at)),
        fetched_at=at,
    )


def _note(told: Usage, account: Account) -> None:
    """Tell the account, as far as that is news."""
    if told.limit_reached:
        account.raise_flag(Flag.USAGE_PAUSED, "usage-limit-hit")
    elif told.limit_reached is False:
        account.lower_flag(Flag.USAGE_PAUSED)


def _windows(limit: object, at: float, *, name: str | None = None) -> Iterator[UsageWindow]:
    """The windows of one limit; all have its name, where it has one."""
    for which in _WINDOWS:
        window = member(limit, f"{which}_window")
        used = number.read(member(window, "used_percent"))
        if used is not None:
            yield UsageWindow(
                name=name or which,
                used_percent=used,
                window_seconds=number.read(member(window, "limit_window_seconds")) or None,
                resets_at=_resets_at(window, at),
            )


def _additional(limits: object, at: float) -> Iterator[UsageWindow]:
    entries = cast(list[object], limits) if isinstance(limits, list) else []
    for entry in entries[:MAX_LIMITS]:
        name = label(member(entry, "limit_name")) or label(member(entry, "metered_feature")) or "additional"
        yield from _windows(member(entry, "rate_limit"), at, name=name)


def _resets_at(window: object, at: float) -> float | None:
    """The moment that is told, else the wait that is; a zero is neither."""
    moment = number.read(member(window, "reset_at"))
    if moment:
        return moment
    wait = number.read(member(window, "reset_after_seconds"))
    return number.read(at + wait) if wait else None
