"""What was asked of the sandbox, one record a request, for people and tests to look at.

Never holds a query, a header, a token or a code.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request and how it was answered.

    ``at`` is Unix seconds by the sandbox's clock; ``status`` is None where the connection was left or closed without
    an answer; ``note`` says in a few words what happened.
    """

    at: float
    method: str
    path: str
    status: int | None
    note: str

    def __str__(self) -> str:
        line = f"{self.method} {self.path} → {self.status if self.status is not None else 'no answer'}"
        return f"{line} · {self.note}" if self.note else line


class RequestLog:
    """The newest records, oldest first; safe from any thread."""

    def __init__(self, *, limit: int = 1000) -> None:
        self._records: deque[RequestRecord] = deque(maxlen=limit)
        self._lock = Lock()

    def add(self, record: RequestRecord) -> None:
        """Append one record, dropping the oldest beyond the limit."""
        with self._lock:
            self._records.append(record)

    def clear(self) -> None:
        """Forget all records."""
        with self._lock:
            self._records.clear()

    def __iter__(self) -> Iterator[RequestRecord]:
        with self._lock:
            return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> RequestRecord:
        with self._lock:
            return self._records[index]
