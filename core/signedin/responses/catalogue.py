"""Owns the account's list of models: fetching it and reading it.

The list is the server's: its order is kept, nothing is added, and what it hides from people is left out. A model that
is not on it may still answer, so `ask` does not look a given model up.
"""

from dataclasses import dataclass
from typing import cast

from signedin.connection import Connection, account_of
from signedin.errors import AnswerRefused, UnknownModel
from signedin.oauth.strict_json import MalformedJson, parse_object
from signedin.responses import api_request

FETCH_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model: `id` is what is sent, `name` what people are shown. `selected`: `ask` uses it where none is named."""

    id: str
    name: str
    selected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The models that the account is offered, in the server's order. `fetched_at` is Unix seconds.

    `stale` is True for a list of an earlier day that is shown because the provider gives none now.
    """

    models: tuple[Model, ...]
    fetched_at: float
    stale: bool = False

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


async def models(connection: Connection) -> Catalogue:
    """Fetch the list, `GET {api_base}/models`.

    Raises what `Connection.get_access_token` raises; ConnectionFailed where plan use is off; TransportFailed and
    AnswerRefused with their case; ConfigurationError where the provider has no API.
    """
    account = account_of(connection)
    async with api_request.sent(connection, "GET", "/models", seconds=FETCH_SECONDS) as response:
        body = await api_request.body_of(response, account)
    listed = read(body, chosen=account.record.model)
    if not listed:
        raise AnswerRefused(
            "The provider gave no list of models.",
            case="catalogue-empty",
            status=response.status_code,
            request_id=api_request.plain(response).request_id,
        )
    return Catalogue(models=listed, fetched_at=account.clock())


def read(body: bytes, *, chosen: str | None) -> tuple[Model, ...]:
    """The models of an answer; total: what is no list of models gives none.

    Understands `{"models": [{"slug", "display_name", "visibility"}]}` and the plain API's `{"data": [{"id"}]}`.
    """
    try:
        answer = parse_object(body)
    except MalformedJson:
        return ()
    listed = [named for entry in _entries(answer) if (named := _named(entry)) is not None]
    first = chosen or next((id_ for id_, _ in listed), None)
    return tuple(Model(id=id_, name=name, selected=id_ == first) for id_, name in dict(listed).items())


def _entries(answer: dict[str, object]) -> list[object]:
    for name in ("models", "data"):
        entries = answer.get(name)
        if isinstance(entries, list):
            return cast(list[object], entries)
    return []


def _named(entry: object) -> tuple[str, str] | None:
    """Id and name of an entry that people are to see."""
    if not isinstance(entry, dict):
        return None
    fields = cast(dict[str, object], entry)
    id_, name = fields.get("slug", fields.get("id")), fields.get("display_name")
    if not isinstance(id_, str) or not id_ or fields.get("visibility", "list") != "list":
        return None
    return id_, name if isinstance(name, str) and name else id_
