"""OpenAI's own SDK on its user's ChatGPT plan: a script that prints an answer as it comes.

    python examples/openai_script.py Why is the sky blue?

It needs the extra `openai`: `pip install "signedin[openai]"`. It asks for no API key, and uses none that lies about.
"""

import sys

from openai import OpenAIError

from signedin import SignedinError
from signedin.sync import Connection, models
from signedin_adapters import openai


def answer(question: str) -> None:
    with Connection.open(app_name="Acme Notes") as connection:
        connection.ensure_signed_in()  # a browser opens only if nobody is signed in
        model = connection.snapshot.model or models(connection).models[0].id
        with openai.client(connection) as sdk:
            for event in sdk.responses.create(model=model, input=question, stream=True):
                if event.type == "response.output_text.delta":
                    print(event.delta, end="", flush=True)
    print()


def main() -> None:
    try:
        answer(" ".join(sys.argv[1:]) or "Say hello in one line.")
    except (SignedinError, OpenAIError) as error:
        sys.exit(f"Acme Notes: {error}")


if __name__ == "__main__":
    main()
