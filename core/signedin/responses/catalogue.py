"""Owns the account's list of models: which one is shown, when another is fetched, and reading it.

The list is the server's: its order is kept, or made where its entries say which comes first; nothing is added, and what
it hides from people is left out. A model that is not on it may still answer, so `ask` does not look a given model up.

One list is kept for each account, and shown for that account, at that provider and API, alone, as long as the same is
asked for. It is shown at once while it is at most a day old and the connection is well, and fetched anew behind where
it was last asked for more than RECENT_SECONDS ago. A fetch that fails for the moment leaves it as it is and says so:
the list is stale.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import httpx

from signedin import api_rules, cases
from signedin.account import Account
from signedin.auth import went_well
from signedin.connection import Connection, account_of
from signedin.errors import AnswerRefused, ProviderError, TemporarilyUnavailable, UnknownModel
from signedin.model_list import ModelList
from signedin.oauth.refusal import unreadable
from signedin.oauth.strict_json import MalformedJson, member, parse_object
from signedin.responses import api_request, behind
from signedin.states import Category
from signedin.waiting import apart, wait

FETCH_SECONDS = 30.0
"""How long a fetch may take where there is nothing else to show."""
PATIENCE_SECONDS = 5.0
"""How long it may take where an older list can be shown instead."""
RECENT_SECONDS = 300.0
SHOWN_SECONDS = 24 * 3600.0

_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{0,256}"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model: `id` is what is sent, `name` what people are shown. `selected`: `ask` uses it where none is named."""

    id: str
    name: str
    selected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The models that the account is offered, in the server's order. `fetched_at` is Unix seconds.

    `stale` is True for an earlier list that is shown because the provider gave none when it was last asked; `case`
    says why, by its id.
    """

    models: tuple[Model, ...]
    fetched_at: float
    stale: bool = False
    case: str | None = None

    @property
    def selected(self) -> Model | None:
        """The one that `ask` uses; None where the model chosen earlier is no longer listed."""
        return next((model for model in self.models if model.selected), None)

    def find(self, model_id: str) -> Model:
        """The model of this id. Raises UnknownModel, which names those that are listed."""
        for model in self.models:
            if model.id == model_id:
                return model
        listed = ", ".join(model.id for model in self.models)
        raise UnknownModel(f"There is no model {model_id!r} for this account; listed: {listed}.")


async def models(connection: Connection, *, refresh: bool = False) -> Catalogue:
    """The list, `GET {api_base}/models`: the one that is kept where it may be shown, else fetched.

    With `refresh` it is asked for in any case; then, too, a list that is kept is given, as stale, where the provider
    gives none for the moment. Raises what `Connection.get_access_token` raises; ConnectionFailed where plan use is
    off; TransportFailed and AnswerRefused with their case; ConfigurationError where the provider has no API.
    """
    account = account_of(connection)
    with account.failures.noted("api-get"):
        api_request.require_plan_use(account)
    kept = await wait(apart(partial(_kept, account)))
    if kept is None:
        return _shown(await _fetched(connection, None), account)
    if refresh or account.troubled or not 0 <= account.clock() - kept.fetched_at <= SHOWN_SECONDS:
        return _shown(await _renewed(connection, kept), account)
    if not 0 <= account.clock() - kept.tried_at <= RECENT_SECONDS:
        behind.start(account, lambda: _renewed_if_old(connection))
    return _shown(kept, account)


def read(body: bytes, *, by_priority: bool = False) -> tuple[tuple[str, str], ...]:
    """Id and name of each model of an answer; total: what is no list of models gives none.

    Understands `{"models": [{"slug", "display_name", "visibility"}]}` and the plain API's `{"data": [{"id"}]}`.
    With `by_priority` a lower `priority` comes first, and a model without one last.
    """
    try:
        answer = parse_object(body)
    except MalformedJson:
        return ()
    entries = sorted(_entries(answer), key=_priority) if by_priority else _entries(answer)
    listed = [named for entry in entries if (named := _named(entry)) is not None]
    return tuple(dict(listed).items())


def marked(listed: Sequence[tuple[str, str]], *, chosen: str | None) -> tuple[Model, ...]:
    """The models, with the one that `ask` uses marked: the chosen one, else the first."""
    first = chosen or next((id_ for id_, _ in listed), None)
    return tuple(Model(id=id_, name=name, selected=id_ == first) for id_, name in listed)


def _shown(kept: ModelList, account: Account) -> Catalogue:
    return Catalogue(
        models=marked(kept.models, chosen=account.record.model),
        fetched_at=kept.fetched_at,
        stale=kept.case is not None,
        case=kept.case,
    )


def _kept(account: Account) -> ModelList | None:
    """The list that is kept, if it is this account's."""
    kept = account.store.kept_models(account.record.id)
    if kept is None or not kept.models:
        return None
    return kept if _is_theirs(kept, account) else None


async def _renewed_if_old(connection: Connection) -> None:
    """Whoever looked before may have asked since."""
    account = account_of(connection)
    kept = _kept(account)
    if kept is not None and not 0 <= account.clock() - kept.tried_at <= RECENT_SECONDS:
        await _renewed(connection, kept)


async def _renewed(connection: Connection, kept: ModelList) -> ModelList:
    """The list of now; the one that is kept, with the case, where there is none for the moment."""
    try:
        return await _fetched(connection, kept)
    except (ProviderError, TemporarilyUnavailable) as error:
        account = account_of(connection)
        stale = await _keep(replace(kept, tried_at=account.clock(), case=error.case), account)
        if cases.find(error.case).category not in (Category.TRANSIENT, Category.ENVIRONMENT):
            raise
        return stale


async def _fetched(connection: Connection, kept: ModelList | None) -> ModelList:
    """Ask for the list, and keep what comes. A list that is `kept` is confirmed where its validator still holds."""
    account, api_base = account_of(connection), connection.api_base
    owner, path = account.record, api_rules.models_path(account.provider)
    etag = _validator(kept.etag) if kept is not None else None
    seconds = FETCH_SECONDS if kept is None else PATIENCE_SECONDS
    with account.failures.noted("api-get"):
        async with api_request.sent(connection, "GET", path, seconds=seconds, etag=etag) as response:
            body = await api_request.body_of(response, account, seconds=seconds)
        by_priority, unchanged = account.provider.api.models_by_priority, response.status_code == 304
        listed = kept.models if kept is not None and unchanged else read(body, by_priority=by_priority)
        if not listed:
            raise _nothing(response, body)
    went_well(account, "GET")
    at = account.clock()
    fetched = ModelList(
        account_id=owner.id,
        provider=owner.provider,
        api_base=api_base,
        client_id=owner.client_id,
        subject=owner.subject,
        models=listed,
        fetched_at=at,
        tried_at=at,
        etag=_validator(response.headers.get("etag")) or (etag if unchanged else None),
        path=path,
    )
    return await _keep(fetched, account)


async def _keep(renewed: ModelList, account: Account) -> ModelList:
    """Keep it, unless the account became another's meanwhile."""
    if _is_theirs(renewed, account):
        await wait(apart(partial(account.store.keep_models, renewed)))
    return renewed


def _is_theirs(listed: ModelList, account: Account) -> bool:
    provider = account.provider
    return listed.belongs_to(account.record, api_base=provider.api_base, path=api_rules.models_path(provider))


def _validator(etag: str | None) -> str | None:
    """The validator, if it is one (RFC 9110 §8.8.3): it comes from a server or a file and goes into a header."""
    return etag if etag is not None and _ETAG.fullmatch(etag) else None


def _nothing(response: httpx.Response, body: bytes) -> AnswerRefused:
    """An empty list, or no list at all: a network's own page, for one."""
    if body.lstrip()[:1] != b"{":
        return unreadable(api_request.plain(response), "list of models")
    return AnswerRefused(
        "The provider gave no list of models.",
        case="catalogue-empty",
        status=response.status_code,
        request_id=api_request.plain(response).request_id,
    )


def _entries(answer: dict[str, object]) -> list[object]:
    for name in ("models", "data"):
        entries = answer.get(name)
        if isinstance(entries, list):
            return cast(list[object], entries)
    return []


def _priority(entry: object) -> float:
    priority = member(entry, "priority")
    return priority if isinstance(priority, int | float) and not isinstance(priority, bool) else math.inf


def _named(entry: object) -> tuple[str, str] | None:
    """Id and name of an entry that people are to see."""
    if not isinstance(entry, dict):
        return None
    fields = cast(dict[str, object], entry)
    id_, name = fields.get("slug", fields.get("id")), fields.get("display_name")
    if not isinstance(id_, str) or not id_ or fields.get("visibility", "list") != "list":
        return None
    return id_, name if isinstance(name, str) and name else id_
