"""The same surface for threads: every method of `signedin.Connection` as a plain one.

    with Connection.open(app_name="Acme Notes") as connection:
        connection.ensure_signed_in()
        with connection.client() as client:
            client.get("/models")
        text = ask(connection, "Why is the sky blue?").text()

It holds in a script, in a thread of a server, and in a notebook's cell, where a loop is running already. Nothing is
done twice: each call runs the async one, in an event loop of its own that is gone when the call is over. So any
number of threads may share a connection, a forked worker goes on with it, and Ctrl-C is heard at once. Importing it
imports nothing else until a name is used.
"""

__all__ = ["Answer", "Attempt", "Connection", "Question", "TransitionStream", "ask", "models", "usage"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.sync.answer import Answer, Question, ask, models, usage
    from signedin.sync.attempt import Attempt
    from signedin.sync.connection import Connection
    from signedin.sync.transition_stream import TransitionStream

_HOMES = {"Attempt": "attempt", "Connection": "connection", "TransitionStream": "transition_stream"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'answer')}"), name)


def __dir__() -> list[str]:
    return __all__
