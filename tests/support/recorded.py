"""A log for tests that look at its lines as they were written."""


class Recorded:
    """A log that keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def write(self, event: str, **fields: object) -> None:
        """Keep it."""
        self.lines.append((event, fields))
