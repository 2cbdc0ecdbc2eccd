"""Owns what is done with an API key: try it with one cheap call, then commit it as a session that never runs out.

It stands where a code is redeemed otherwise, so the machine knows no other way to sign in. The key goes to the API
alone; nothing about it is kept in the open but its last four characters, and only where the account has no label.
"""

import math
import re
from dataclasses import replace

from signedin import api_rules, cases
from signedin import commands as cmd
from signedin.authorization_server import AuthorizationServer
from signedin.classify.api import api_finding
from signedin.code_exchange import CodeExchange
from signedin.errors import AnswerRefused, ConfigurationError
from signedin.exchange import EXCHANGE_SECONDS
from signedin.oauth.messages import Request
from signedin.oauth.refusal import read_error
from signedin.ports import Clock, Http, Store
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin.session import Session

SHOWN_CHARACTERS = 4
_MASKED = re.compile(r"(sk-)?\.\.\..{4}(-[0-9]+)?")


class KeyExchange(CodeExchange):
    """One key's way to a session. `record` is the account's as the exchange leaves it."""

    def __init__(
        self, *, store: Store, server: AuthorizationServer, record: AccountRecord, http: Http, clock: Clock
    ) -> None:
        self.record = record
        self._store, self._server, self._http, self._clock = store, server, http, clock

    async def _redeem(self, command: cmd.ExchangeCode) -> Session:
        """The session, once the API took the key. Raises ProviderError, ConfigurationError."""
        key, host_id = command.code, self._store.host_id()
        await self._try(key)
        self.record = self._named(key)
        return Session(
            generation=0,
            access_token=key,
            refresh_token=None,
            issued_at=self._clock(),
            expires_at=math.inf,
            refresh_at=math.inf,
            host_id=host_id,
        )

    async def _try(self, key: Secret) -> None:
        """Ask for the list of models, which costs nothing."""
        provider, headers = self._server.provider, dict[str, str]()
        if provider.api_base is None:
            raise ConfigurationError(f"Provider {provider.name} has no api_base, so it has no API.")
        api_rules.add_headers(headers, provider=provider, workspace=self.record.workspace)
        url = provider.api_base.rstrip("/") + api_rules.models_path(provider)
        request = Request(method="GET", url=url, bearer=key, headers=tuple(headers.items()))
        response = await self._http.send(request, seconds=EXCHANGE_SECONDS)
        if response.status == 200:
            return
        refused = read_error(response)
        finding = api_finding(response.status, response.headers, response.body)
        case = finding.case or refused.case
        raise AnswerRefused(f"{cases.find(case).title}.", case=case, status=response.status, code=refused.code)

    def _named(self, key: Secret) -> AccountRecord:
        """The record with where the key goes. A key names nobody: the account's own id stands for its subject."""
        provider, masked, label = self._server.provider, masked_key(key), self._label
        named = label and not _MASKED.fullmatch(label)
        return replace(
            self.record,
            issuer=provider.issuer,
            api_base=provider.api_base,
            subject=self.record.id,
            label=label if named else self._free_label(masked),
            created_at=self.record.created_at or self._clock(),
        )


def masked_key(key: Secret) -> str:
    """How people tell their keys apart: `sk-...abcd`, the last four characters; `...abcd` for other providers' keys."""
    return f"{'sk-' if key.reveal().startswith('sk-') else ''}...{key.reveal()[-SHOWN_CHARACTERS:]}"
