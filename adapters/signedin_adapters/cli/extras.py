"""Owns what people are told where an optional part is not installed: one line that names it."""

from collections.abc import Generator
from contextlib import contextmanager

from signedin_adapters.cli.errors import not_offered

_BROUGHT_BY = {"sandbox": ("starlette", "uvicorn"), "web": ("starlette", "uvicorn")}


@contextmanager
def extra(name: str) -> Generator[None]:
    """Import in the block what the extra brings. Raises ConfigurationError, naming it, where it is absent."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in _BROUGHT_BY[name]:
            raise
        raise not_offered(f"This needs an extra: pip install 'signedin[{name}]'") from None
