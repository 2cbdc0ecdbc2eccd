"""Owns `Secret`, the one type that may hold a token, a code, a verifier or a key.

It must never show its value by itself: not in repr, str, format, pickle, JSON or a traceback. CPython cannot promise
to wipe memory, and this type does not pretend to.
"""

from hmac import compare_digest

_SHOWN = "Secret(…)"


class Secret:
    """A string that is shown to nobody who does not ask for it by `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: call this only where it is sent, sealed or hashed."""
        return self._value

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("a Secret is not pickled")
