"""Owns the talk with one provider's authorization server: metadata, keys, codes, refreshes, revocation.

It builds and reads through `oauth` and sends through the `Http` port. It stores nothing, retries nothing that spends a
credential, and decides nothing about an account.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

from signedin import events as ev
from signedin.classify.clock import clock_case
from signedin.errors import AnswerRefused, ProviderError
from signedin.exchange import EXCHANGE_SECONDS
from signedin.oauth import date, discovery, revocation, tokens
from signedin.oauth.authorization import Authorization
from signedin.oauth.callback import CodeReceived
from signedin.oauth.device import Flow
from signedin.oauth.device_answer import CodeGranted, DeviceCode, Refused, TokensGranted, Waiting
from signedin.oauth.discovery import Metadata
from signedin.oauth.id_token import OF_THE_TIME, Identity, IdTokenInvalid, names_another, validate
from signedin.oauth.messages import Request, Response
from signedin.ports import Clock, Http
from signedin.provider import Provider
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag

KEYS_PAUSES = (0.3, 1.0, 3.0)
"""Seconds between tries for keys or metadata: reading them twice costs nothing, and an outage is no bad identity."""
REVOCATION_PAUSES = (0.3, 1.0)
REVOCATION_SECONDS = 15.0
"""How long all tries to revoke a token may take together; then it counts as unconfirmed."""

Answer = TypeVar("Answer")


class AuthorizationServer:
    """One authorization server, for one account. Metadata and keys are remembered for the life of the object.

    `skew` is by how many seconds its clock was ahead of ours at its last dated answer; None before the first one.
    """

    __slots__ = ("_clock", "_http", "_keys", "_metadata", "provider", "skew")

    def __init__(self, provider: Provider, *, http: Http, clock: Clock) -> None:
        self.provider = provider
        self._http, self._clock = http, clock
        self._metadata: Metadata | None = None
        self._keys: dict[str, object] | None = None
        self.skew: float | None = None

    async def metadata(self) -> Metadata:
        """The server's metadata, from the profile or by discovery. Raises ProviderError, ConfigurationError."""
        metadata = self._metadata or discovery.from_provider(self.provider)
        if metadata is None:
            metadata = await _patiently(self._discover, KEYS_PAUSES)
        self._metadata = metadata
        return metadata

    def client_id_of(self, record: AccountRecord) -> str:
        """The id that the account's tokens were issued to: its own registration's, else the profile's."""
        return record.client_id or self.provider.client_id

    async def redeem(self, authorization: Authorization, received: CodeReceived, *, host_id: str) -> Session:
        """Spend the code, once. Raises ProviderError, ConfigurationError."""
        endpoint = (await self.metadata()).token_endpoint
        request = tokens.exchange_request(authorization, received, token_endpoint=endpoint)
        return self._read_tokens(await self._send(request), previous=None, host_id=host_id)

    async def start_device(self, flow: Flow) -> DeviceCode:
        """Ask for a code that a person types elsewhere. Raises ProviderError."""
        return flow.read_start(await self._send(flow.start_request()))

    async def poll_device(
        self, flow: Flow, code: DeviceCode, *, host_id: str
    ) -> Waiting | Refused | CodeGranted | Session:
        """Ask once what became of the code; where the answer is tokens, it is spent with that. Raises ProviderError."""
        answer = flow.read_poll(await self._send(flow.poll_request(code)))
        if isinstance(answer, TokensGranted):
            return self._read_tokens(answer.response, previous=None, host_id=host_id)
        return answer

    async def refresh(self, record: AccountRecord, session: Session) -> Session:
        """Spend the refresh token, once, at the endpoint that the session was made with. Raises ProviderError."""
        request = tokens.refresh_request(
            token_endpoint=record.token_endpoint,
            client_id=self.client_id_of(record),
            refresh_token=session.refresh_token or Secret(""),
            resource=self.provider.resource,
        )
        return self._read_tokens(await self._send(request), previous=session, host_id=session.host_id)

    async def identify(
        self, session: Session, *, client_id: str, nonce: Secret | None, subject: str | None = None
    ) -> Identity | None:
        """Who the session's ID token names; None where there is none.

        Keys are fetched once more for an unknown key, and where its times do not fit: our clock may have been set since
        it was last compared with the server's, and that compares them again. Raises IdTokenInvalid where the token is
        not to be believed, and ProviderError where the keys are out of reach.
        """
        if session.id_token is None:
            return None
        try:
            return await self._identify(session, client_id, nonce, subject)
        except IdTokenInvalid as error:
            if error.reason in OF_THE_TIME:
                self.skew = None
            elif error.reason != "unknown-key":
                raise
            self._keys = None
            return await self._identify(session, client_id, nonce, subject)

    async def end(self, session: Session, *, client_id: str) -> bool:
        """Whether the server confirmed that the session has ended: its refresh token, or the access token alone.

        An API key is only ended where it was made: nothing is sent for it.
        """
        if self.provider.takes_key:
            return False
        if session.refresh_token is not None:
            return await self.revoke(session.refresh_token, client_id=client_id)
        return await self.revoke(session.access_token, client_id=client_id, hint="access_token")

    async def revoke(self, token: Secret, *, client_id: str, hint: str = "refresh_token") -> bool:
        """Whether the server confirmed that the token has ended. Tried a few times; never raises ProviderError.

        Takes `REVOCATION_SECONDS` at most.
        """

        async def once() -> bool:
            endpoint = (await self.metadata()).revocation_endpoint
            if endpoint is None:
                return False
            request = revocation.revocation_request(
                revocation_endpoint=endpoint,
                client_id=client_id,
                token=token,
                token_type_hint=hint,
                written=self.provider.revocation,
            )
            revocation.read_revocation(await self._send(request))
            return True

        with anyio.move_on_after(REVOCATION_SECONDS):
            try:
                return await _patiently(once, REVOCATION_PAUSES)
            except ProviderError:
                return False
        return False

    def clock_events(self, at: float) -> Sequence[ev.Event]:
        """What the last answers say about this machine's clock; nothing where none was dated. `at` is the events'."""
        if self.skew is None:
            return ()
        if (case := clock_case(self.skew)) is not None:
            return (ev.FlagRaised(at=at, flag=Flag.CLOCK_SKEWED, case=case),)
        return (ev.FlagCleared(at=at, flag=Flag.CLOCK_SKEWED),)

    async def _identify(self, session: Session, client_id: str, nonce: Secret | None, subject: str | None) -> Identity:
        if session.id_token is not None and subject is not None and names_another(session.id_token, subject):
            raise IdTokenInvalid("subject")
        metadata = await self.metadata()
        if self._keys is None:
            self._keys = await _patiently(self._fetch_keys, KEYS_PAUSES)
        return validate(
            session.id_token or Secret(""),
            self._keys,
            issuer=metadata.issuer,
            client_id=client_id,
            nonce=nonce,
            at=self._clock() + self._ahead(),
            algorithms=metadata.algorithms,
            access_token=session.access_token,
            subject=subject,
            names=self.provider.claims,
        )

    async def _discover(self) -> Metadata:
        response = await self._send(discovery.discovery_request(self.provider.issuer))
        return discovery.read_metadata(response, self.provider)

    async def _fetch_keys(self) -> dict[str, object]:
        return discovery.read_jwks(await self._send(discovery.jwks_request(await self.metadata())))

    async def _send(self, request: Request) -> Response:
        sent_at = self._clock()
        response = await self._http.send(request, seconds=EXCHANGE_SECONDS)
        measured = date.skew(response, sent_at=sent_at, received_at=self._clock())
        self.skew = self.skew if measured is None else measured
        return response

    def _ahead(self) -> float:
        """By how many seconds the server's clock is ahead of ours; zero where that is worth nothing."""
        skew = self.skew or 0.0
        return skew if clock_case(skew) is not None else 0.0

    def _read_tokens(self, response: Response, *, previous: Session | None, host_id: str) -> Session:
        return tokens.read_tokens(
            response,
            at=self._clock(),
            jitter=random.random(),  # noqa: S311 - spreads load, hides nothing
            previous=previous,
            provider=self.provider,
            host_id=host_id,
            ahead=self._ahead(),
        )


async def _patiently(ask: Callable[[], Awaitable[Answer]], pauses: tuple[float, ...]) -> Answer:
    """Ask again after each pause while the provider does not answer or is in trouble. For what spends nothing."""
    for pause in pauses:
        try:
            return await ask()
        except ProviderError as error:
            if isinstance(error, AnswerRefused) and 400 <= error.status < 500 and error.status != 429:
                raise
            await anyio.sleep(pause)
    return await ask()
