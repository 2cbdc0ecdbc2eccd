"""Owns reading an intent: which answer it waits for, and whether anybody works on it still.

It is a line of JSON before the answer came, the sealed session after, and anything at all in between. On the path of
`status`.
"""

import math

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin_adapters.stores import trust
from signedin_adapters.stores.fields import Fields
from signedin_adapters.stores.home import AccountPaths
from signedin_adapters.stores.lock import held


class Intent:
    """`answer` is the generation that its answer has, `math.inf` where it cannot be read. `data` is all of it."""

    __slots__ = ("answer", "data")

    def __init__(self, data: bytes, path: str) -> None:
        self.data = data
        self.answer = _answer(data, path)

    def is_doubt(self, session: SessionFacts | None) -> bool:
        """Whether the token of the session that lies there may be spent: no later one came of it."""
        return session is None or session.generation < self.answer

    def unsaved(self, stored: int) -> int:
        """The generation of the answer, where `stored` is the one that lies there. A torn one is of the next."""
        return stored + 1 if math.isinf(self.answer) else int(self.answer)


class Look:
    """What an intent says to whoever does not hold the account's lock.

    The intent comes first, then the lock, then the intent again: between the two nobody worked on it, or it is not the
    same. The session is to be read after, so that a commit in between is seen. `answered` tells that a living process
    holds what came back.
    """

    __slots__ = ("answered", "busy", "intent")

    def __init__(self, paths: AccountPaths) -> None:
        intent = read(paths)
        self.busy, self.answered = held(paths.lock), held(paths.answered)
        again = read(paths) if intent else None
        self.intent = intent if intent and again and intent.data == again.data else None


def read(paths: AccountPaths) -> Intent | None:
    """The account's intent, None where there is none. Raises StoreError for a newer one, and one not to be trusted."""
    data = trust.read(paths.intent)
    return None if data is None else Intent(data, paths.intent)


def _answer(data: bytes, path: str) -> float:
    try:
        first = Fields(data.partition(b"\n")[0], path)
        generation = first.integer("generation")
    except StoreError as error:
        if error.case == "schema-newer":
            raise
        return math.inf
    return generation if first.values.get("holds") else generation + 1
