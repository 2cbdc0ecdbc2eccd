"""OpenAI's own SDK over a connection, right by construction. Needs the extra `openai`.

    from signedin_adapters import openai

    async with openai.async_client(connection) as sdk:
        async for event in await sdk.responses.create(model="…", input="Why is the sky blue?", stream=True):
            ...

It speaks to the provider's API alone, with the connection's token and network settings, whatever `OPENAI_BASE_URL`,
`OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`, `OPENAI_API_KEY` and a proxy's variables say, and sends nothing again by itself.
What holds for plan use is applied to `responses.create` (`plan_request`); what that does not allow is refused by its
name, and then nothing is sent. Errors of signedin come as they are, the SDK's own errors for all else.
"""

from signedin_adapters.openai.clients import async_client, client

__all__ = ["async_client", "client"]
