"""Owns the transports under the SDK: each request is put right, then sent by the connection's own client.

That client has the network settings, the refusal of other origins and the token, which is in no request of the SDK's.
Nothing is sent a second time here.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import anyio
import httpx

from signedin.account import Account
from signedin.auth import ConnectionAuth, call_name
from signedin.responses.ending import Ending
from signedin.responses.transcript import Transcript
from signedin_adapters.openai.overheard import AsyncOverheard, Overheard
from signedin_adapters.openai.plan_request import planned
from signedin_adapters.openai.whole_answer import WholeAnswer


class PlanTransport(httpx.BaseTransport):
    """For `httpx.Client`. It owns the client that it is given."""

    def __init__(self, client: httpx.Client, account: Account) -> None:
        self._client, self._account = client, account

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it as it may be sent."""
        request.read()
        plan = planned(request, self._account)
        auth = ConnectionAuth(self._account, read_on=plan.streamed)
        with _noted(plan.request, self._account):
            response = self._client.send(plan.request, auth=auth, stream=True)
        if not plan.streamed or response.status_code != 200:
            return response
        answer = WholeAnswer() if plan.whole else None
        ending = Ending(response, self._account, answer or Transcript())
        response.stream = Overheard(cast(httpx.SyncByteStream, response.stream), ending)
        if answer is None:
            return response
        try:
            for _ in response.iter_raw():
                if ending.over:
                    break
        finally:
            response.close()
        return answer.response(response, ending)

    def close(self) -> None:
        """Close the client."""
        self._client.close()


class AsyncPlanTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient`. It owns the client that it is given."""

    def __init__(self, client: httpx.AsyncClient, account: Account) -> None:
        self._client, self._account = client, account

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it as it may be sent."""
        await request.aread()
        plan = planned(request, self._account)
        auth = ConnectionAuth(self._account, read_on=plan.streamed)
        with _noted(plan.request, self._account):
            response = await self._client.send(plan.request, auth=auth, stream=True)
        if not plan.streamed or response.status_code != 200:
            return response
        answer = WholeAnswer() if plan.whole else None
        ending = Ending(response, self._account, answer or Transcript())
        response.stream = AsyncOverheard(cast(httpx.AsyncByteStream, response.stream), ending)
        if answer is None:
            return response
        try:
            with anyio.CancelScope() as reading:
                async for _ in response.aiter_raw():
                    if ending.over:
                        reading.cancel()  # from inside, so that httpx's nested generators are closed in order
        finally:
            await response.aclose()
        return answer.response(response, ending)

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()


@contextmanager
def _noted(request: httpx.Request, account: Account) -> Generator[None]:
    """A request that got no answer is in the log by its case, which the SDK's error does not tell."""
    try:
        yield
    except httpx.HTTPError as error:
        failed = account.http.failure(error, url=str(request.url))
        account.failures.note(call_name(request.method), failed.case)
        raise
