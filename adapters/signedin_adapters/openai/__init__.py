"""OpenAI's own SDK over a connection, right by construction. Needs the extra `openai`.

    from signedin_adapters import openai

    async with openai.async_client(connection) as sdk:
        async for event in await sdk.responses.create(model="…", input="Why is the sky blue?", stream=True):
            ...

It speaks to the provider's API alone, with the connection's token and network settings, whatever `OPENAI_BASE_URL`,
`OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`, `OPENAI_API_KEY` and a proxy's variables say, and sends nothing again by itself.
What holds for plan use is applied to `responses.create` (`plan_request`); what that does not allow is refused by its
name, and then nothing is sent. So are WebSockets, and copies of the client that would leave the connection (`clients`).

The SDK's own errors come for what the API refuses; errors of signedin come as they are, also for a stream that breaks
off, where the SDK would end in silence (`ending`). What an answer says of the account is told to the connection.
"""

try:
    from signedin_adapters.openai.clients import async_client, client
except ModuleNotFoundError as error:
    if error.name != "openai":
        raise
    lacking = "signedin_adapters.openai needs an extra: pip install 'signedin[openai]'"
    raise ModuleNotFoundError(lacking, name=error.name) from None

__all__ = ["async_client", "client"]
