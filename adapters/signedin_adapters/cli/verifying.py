"""Owns `signedin status --verify`: one cheap call with the access token in hand. It refreshes nothing.

What the API says yes to is remembered in the account's health, so that a later look knows when the session was seen
alive.
"""

import time
from dataclasses import replace
from functools import partial

import anyio
import httpx

from signedin import api_rules
from signedin.classify.api import api_finding
from signedin.errors import ConnectionFailed, TemporarilyUnavailable
from signedin.provider import Provider
from signedin.record import AccountRecord, Health
from signedin.responses import api_request, refusal
from signedin.session import Session
from signedin.states import State
from signedin_adapters import defaults, providers
from signedin_adapters.cli import connecting, standing
from signedin_adapters.cli.choosing import Choice
from signedin_adapters.cli.errors import not_offered
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.storing import open_store


def verify(call: Invocation, choice: Choice) -> bool:
    """Ask the API whether it knows the session: True, or False where there is none. Raises what it says instead.

    TemporarilyUnavailable where the access token has run out: only a refresh could tell.
    """
    account = choice.account
    if account is None or not _is_well(call, choice):
        return False
    connecting.keep_to_ourselves()
    provider = providers.find(account.provider, home=call.program.home)
    store = open_store(call, choice, provider)
    stored = store.load(account.id)
    if stored.session is None:
        return False
    anyio.run(partial(_ask, call, provider, stored.record, stored.session))
    kept = stored.health if stored.health and stored.health.generation == stored.session.generation else None
    health = kept or Health(generation=stored.session.generation, state=State.CONNECTED.value)
    store.note_health(account.id, replace(health, last_verified_at=time.time()))
    return True


def _is_well(call: Invocation, choice: Choice) -> bool:
    judged = standing.judged(choice.facts, choice.account, call.program, at=time.time())
    return judged.state in (State.CONNECTED, State.REFRESHING)


async def _ask(call: Invocation, provider: Provider, account: AccountRecord, session: Session) -> None:
    if provider.api_base is None:
        raise not_offered(f"{provider.title} has no API that could be asked.")
    if not session.alive(time.time()):
        told = call.program.remedy("Access has run out, and verifying refreshes nothing: {refresh} does.")
        raise TemporarilyUnavailable(told, case="unclassified")
    http = defaults.http(home=call.program.home)
    headers = {"Authorization": f"Bearer {session.access_token.reveal()}"}
    api_rules.add_headers(headers, provider=provider, workspace=account.workspace)
    try:
        async with http.client(base_url=provider.api_base, auth=None) as client:
            answer = await client.get(api_rules.models_path(provider), headers=headers)
    except httpx.HTTPError as error:
        raise http.failure(error, url=provider.api_base) from None
    if not answer.is_success:
        _refuse(call, provider, answer)


def _refuse(call: Invocation, provider: Provider, answer: httpx.Response) -> None:
    finding = api_finding(answer.status_code, dict(answer.headers), answer.content)
    if finding.case is not None or not finding.unauthorized:
        raise refusal.of_answer(api_request.plain(answer, answer.content), provider.api)
    told = (
        f"The API refused the access token ({answer.status_code}); {{refresh}} shows whether the session still lives."
    )
    raise ConnectionFailed(call.program.remedy(told), case="unclassified")
