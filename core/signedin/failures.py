"""Owns `Failures`: calls that came to nothing for a reason that no transition tells, each said once in the log.

So a log names every case that its user met. What a caller did wrong is no case, and is left out.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from signedin.cases import CASES
from signedin.errors import AnswerRefused, SignedinError
from signedin.ports import Log
from signedin.transition import Transition

_ENDING = frozenset({"SessionCommitted", "TokenRefreshed"})
"""A new session: what fails after it is told again."""


class Failures:
    """What failed for one account in this process. `account_id` tells who it is by now, None where nobody is known."""

    __slots__ = ("_account_id", "_log", "_standing", "_told")

    def __init__(self, log: Log, account_id: Callable[[], str | None]) -> None:
        self._log, self._account_id = log, account_id
        self._standing: str | None = None
        self._told: dict[str, str] = {}

    def heard(self, transition: Transition) -> None:
        """A transition tells its own case."""
        self._standing = transition.case
        if transition.trigger in _ENDING:
            self._told.clear()

    @contextmanager
    def noted(self, call: str) -> Generator[None]:
        """Note the error that ends the block, and let it pass."""
        try:
            yield
        except SignedinError as error:
            answer = error if isinstance(error, AnswerRefused) else AnswerRefused("")
            self.note(call, error.case, status=answer.status, code=answer.code, request_id=answer.request_id)
            raise

    def note(self, call: str, case: str, **answer: int | str | None) -> None:
        """Note that a call failed, unless the log says so already; with the answer's `status`, `code`, `request_id`."""
        if case in CASES and case != self._standing and case not in self._told:
            self._told[case] = call
            told = {name: value for name, value in answer.items() if value}
            self._log.write("call.failed", **self._who(), call=call, case=case, **told)

    def over(self, call: str) -> None:
        """The same call went well: if it failed before, that is over, and said so."""
        if call in tuple(self._told.values()):
            self._told = {case: failed for case, failed in self._told.items() if failed != call}
            self._log.write("call.succeeded", **self._who(), call=call)

    def _who(self) -> dict[str, object]:
        account_id = self._account_id()
        return {} if account_id is None else {"account": account_id}
