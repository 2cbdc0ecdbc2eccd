"""Owns `ConnectionAuth`: the connection as an `httpx.Auth`, for sync and async clients.

The token goes to the API's own origin and nowhere else. A 401 is recovered from once: refresh, send again, and no
third step. Answers that say no are read, up to 64 KiB, so that flags are raised; the caller still gets them whole.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx

from signedin import api_rules
from signedin import events as ev
from signedin.account import Account
from signedin.classify.api import ApiFinding, api_code, api_finding
from signedin.errors import ForbiddenOrigin
from signedin.oauth.messages import Response
from signedin.session import Session
from signedin.states import Flag, State
from signedin.waiting import hold, wait

PEEK_BYTES = 64 * 1024


class ConnectionAuth(httpx.Auth):
    """Adds the access token and what else the API wants, reports what the API says, sends again once after a refresh.

    Raises ForbiddenOrigin for any other origin than the API's, and what `Connection.get_access_token` raises. A body
    that cannot be sent twice is not: then the token is refreshed and the 401 handed back.

    Where the client follows a redirect to another host by itself, httpx leaves the token behind and takes the other
    headers along; `Connection.client` follows none.

    An answer whose head is good went well, unless it is `read_on`: then whoever reads it says so (`went_well`).
    """

    def __init__(self, account: Account, *, read_on: bool = False) -> None:
        self._account, self._read_on = account, read_on
        base = account.provider.api_base
        self._api = None if base is None else _origin(httpx.URL(base))

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The flow for `httpx.AsyncClient`."""
        session = await self._session_async(request)
        with self._dressed(request, session):
            response = yield request
        if response.status_code >= 400:
            await _peek_async(response)
        if not self._judge(response, session):
            return
        await wait(self._account.settled())
        if _can_be_sent_again(request) and self._account.context.generation > session.generation:
            session = await self._session_async(request)
            with self._dressed(request, session):
                response = yield request
            if response.status_code >= 400:
                await _peek_async(response)
            self._judge(response, session)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The flow for `httpx.Client`."""
        session = self._session_sync(request)
        with self._dressed(request, session):
            response = yield request
        if response.status_code >= 400:
            _peek_sync(response)
        if not self._judge(response, session):
            return
        hold(self._account.settled())
        if _can_be_sent_again(request) and self._account.context.generation > session.generation:
            session = self._session_sync(request)
            with self._dressed(request, session):
                response = yield request
            if response.status_code >= 400:
                _peek_sync(response)
            self._judge(response, session)

    async def _session_async(self, request: httpx.Request) -> Session:
        self._refuse_other_origins(request)
        while not isinstance(offer := self._account.offer(), Session):
            await wait(offer)
        return offer

    def _session_sync(self, request: httpx.Request) -> Session:
        self._refuse_other_origins(request)
        while not isinstance(offer := self._account.offer(), Session):
            hold(offer)
        return offer

    def _refuse_other_origins(self, request: httpx.Request) -> None:
        if not self._is_the_api(request.url):
            raise ForbiddenOrigin(f"The token is not sent to {request.url.host}: it is for the provider's API alone.")

    def _is_the_api(self, url: httpx.URL) -> bool:
        return _origin(url) == self._api

    @contextmanager
    def _dressed(self, request: httpx.Request, session: Session) -> Generator[None]:
        """With what the API wants. The token is in the request while that is sent, and no longer.

        Responses and errors keep their request, and may be shown or pickled.
        """
        account = self._account
        api_rules.add_headers(request.headers, provider=account.provider, workspace=account.record.workspace)
        request.headers["Authorization"] = f"Bearer {session.access_token.reveal()}"
        try:
            yield
        finally:
            request.headers.pop("Authorization", None)

    def _judge(self, response: httpx.Response, session: Session) -> bool:
        """Tell the account what the API said; whether a refresh is under way because of it."""
        at, generation = self._account.clock(), session.generation
        if not self._is_the_api(response.url):
            return False  # the client followed a redirect, and the token did not
        if response.has_redirect_location:
            return False  # it says neither yes nor no
        if response.status_code < 400:
            self._accept(response, at, generation)
            return False
        finding = api_finding(response.status_code, dict(response.headers), _peeked(response))
        if finding.flag is not None:
            self._account.raise_flag(finding.flag, finding.case)
        elif finding.case is not None and not (finding.ended or finding.unauthorized):
            self._note(response, finding.case)
        if finding.ended:
            case = finding.case or "session-ended"
            self._account.post(ev.GrantEnded(at=at, generation=generation, case=case))
        waits = self._account.state is State.ERROR
        if waits or not finding.unauthorized:
            return False
        if session.alive(at):
            refused = ev.ApiUnauthorized(at=at, generation=generation)
            helpless = self._why_helpless(finding, session)
            self._account.post(replace(refused, case=helpless) if helpless else refused)
        else:  # it ran out on its way, which is no refusal
            self._account.post(ev.RefreshDue(at=at))
        return self._account.state is not State.ERROR

    def _why_helpless(self, finding: ApiFinding, session: Session) -> str | None:
        """The case of a refused token that nothing can renew; None where a refresh may."""
        if self._account.provider.takes_key:
            return finding.case
        return "refresh-token-absent" if session.refresh_token is None else None

    def _note(self, response: httpx.Response, case: str) -> None:
        body = _peeked(response)
        told = Response(status=response.status_code, headers=dict(response.headers), body=body)
        code = api_code(body) or None
        call = call_name(response.request.method)
        self._account.failures.note(call, case, status=told.status, code=code, request_id=told.request_id)

    def _accept(self, response: httpx.Response, at: float, generation: int) -> None:
        context = self._account.context
        if context.unauthorized is not None or context.retry_at is not None:
            self._account.post(ev.ApiAccepted(at=at, generation=generation))
        if not self._read_on:
            went_well(self._account, response.request.method)


def went_well(account: Account, method: str) -> None:
    """Tell the account that a call of this method was answered, and well to the end of what is read of it."""
    account.failures.over(call_name(method))
    if method == "POST":  # a list spends nothing
        account.lower_flag(Flag.USAGE_PAUSED)


def call_name(method: str) -> str:
    """What a call of the API is named in the log."""
    return f"api-{method.lower()}"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _can_be_sent_again(request: httpx.Request) -> bool:
    return isinstance(request.stream, httpx.ByteStream)


class _Rest(httpx.AsyncByteStream, httpx.SyncByteStream):
    """A body of which the beginning was read already: given again, then the rest."""

    def __init__(self, beginning: list[bytes], rest: Iterator[bytes] | AsyncIterator[bytes], whole: object) -> None:
        self.beginning, self._rest, self._whole = beginning, rest, whole

    def __iter__(self) -> Iterator[bytes]:
        yield from self.beginning
        if isinstance(self._rest, Iterator):
            yield from self._rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.beginning:
            yield chunk
        if isinstance(self._rest, AsyncIterator):
            async for chunk in self._rest:
                yield chunk

    def close(self) -> None:
        """Close what it stands before."""
        if isinstance(self._whole, httpx.SyncByteStream):
            self._whole.close()

    async def aclose(self) -> None:
        """Close what it stands before."""
        if isinstance(self._whole, httpx.AsyncByteStream):
            await self._whole.aclose()


async def _peek_async(response: httpx.Response) -> None:
    whole = response.stream
    if not isinstance(whole, httpx.AsyncByteStream):
        return
    rest, beginning = aiter(whole), list[bytes]()
    while sum(map(len, beginning)) < PEEK_BYTES:
        chunk = await anext(rest, None)
        if chunk is None:
            break
        beginning.append(chunk)
    response.stream = _Rest(beginning, rest, whole)


def _peek_sync(response: httpx.Response) -> None:
    whole = response.stream
    if not isinstance(whole, httpx.SyncByteStream):
        return
    rest, beginning = iter(whole), list[bytes]()
    while sum(map(len, beginning)) < PEEK_BYTES:
        chunk = next(rest, None)
        if chunk is None:
            break
        beginning.append(chunk)
    response.stream = _Rest(beginning, rest, whole)


def _peeked(response: httpx.Response) -> bytes:
    """The beginning of the body, empty where it is coded: it is never unpacked here."""
    coded = response.headers.get("content-encoding", "identity") != "identity"
    stream = response.stream
    return b"" if coded or not isinstance(stream, _Rest) else b"".join(stream.beginning)[:PEEK_BYTES]
