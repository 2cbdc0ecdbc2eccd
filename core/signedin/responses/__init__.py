"""Models, asking and usage, over a connection.

`models` lists what the account may use, `ask` streams one answer, `usage` tells what is left of the plan.

    text = await ask(connection, "Why is the sky blue?")
    async with ask(connection, "And at night?") as answer:
        async for delta in answer:
            print(delta, end="")

For anything beyond a question there is `Connection.client`, or the provider's own SDK with `Connection.auth`. Nothing
here keeps a conversation, retries, or falls back to another model or another way of paying.
"""

from signedin.responses.answer import Answer
from signedin.responses.asking import Question, ask
from signedin.responses.catalogue import Catalogue, Model, models
from signedin.responses.usage import Usage, UsageWindow, usage

__all__ = ["Answer", "Catalogue", "Model", "Question", "Usage", "UsageWindow", "ask", "models", "usage"]
