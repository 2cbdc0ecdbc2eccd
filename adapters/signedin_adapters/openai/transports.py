"""Owns the transports under the SDK: each request is put right, then sent by the connection's own client.

That client has the token, the network settings and the refusal of other origins; nothing is sent a second time here.
"""

import anyio
import httpx

from signedin.account import Account
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
        response = self._client.send(plan.request, stream=True)
        if not plan.whole or response.status_code != 200:
            return response
        answer = WholeAnswer(response)
        try:
            for piece in response.iter_raw():
                answer.feed(piece)
                if answer.over:
                    break
        finally:
            response.close()
        return answer.answer()

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
        response = await self._client.send(plan.request, stream=True)
        if not plan.whole or response.status_code != 200:
            return response
        answer = WholeAnswer(response)
        try:
            with anyio.CancelScope() as reading:
                async for piece in response.aiter_raw():
                    answer.feed(piece)
                    if answer.over:
                        reading.cancel()  # from inside, so that httpx's nested generators are closed in order
        finally:
            await response.aclose()
        return answer.answer()

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()
