"""Owns what the records of an older schema meant: what has to be changed for today's reader.

A record is migrated in memory when it is read; the next write leaves it in today's schema. A schema begins where a
field became one that has to be there; a field that may be absent begins none. On the path of `status`.
"""

from collections.abc import Callable

Values = dict[str, object]


def _sign_in_unnumbered(values: Values) -> None:
    """Any sign-out ended such a session, and nobody had looked whose it was."""
    values.setdefault("signed_in", 0)
    values.setdefault("another_users", False)


def _always_revoked(values: Values) -> None:
    """Every sign-out that was not finished told the provider."""
    values.setdefault("revoke", True)


STEPS: tuple[dict[str, Callable[[Values], None]], ...] = (
    {"session": _sign_in_unnumbered, "signed-out": _always_revoked},  # from 1 to 2
)
"""One step a schema, the oldest first: by kind of record, where anything changed for that kind."""


def migrate(values: Values, kind: str, *, schema: int) -> None:
    """Bring a record that was written in `schema`, 1 or later, to today's."""
    for step in STEPS[schema - 1 :]:
        if kind in step:
            step[kind](values)
