"""Owns the log's word of what ends a command before an account is open: there is none yet that could tell."""

from collections.abc import Generator
from contextlib import contextmanager

from signedin import opening
from signedin.errors import SignedinError
from signedin_adapters.cli.program import Program


@contextmanager
def noted(error_class: type[SignedinError], program: Program, *, call: str = "open") -> Generator[None]:
    """Note an error of this class that ends the block, as what `call` came to, and let it pass."""
    try:
        yield
    except error_class as error:
        opening.note(error.case, app_name=program.app_name, home=program.home, call=call)
        raise
