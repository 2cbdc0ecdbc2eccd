"""What third parties test their adapters with: contract suites to subclass under pytest. Loaded when asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signedin.testing.stores import StoreContract

_HOMES = {"StoreContract": "signedin.testing.stores"}

__all__ = ["StoreContract"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
