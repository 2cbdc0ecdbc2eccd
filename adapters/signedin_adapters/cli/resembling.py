"""Owns the guess at what was meant by a word that nobody knows. Imported for such a word alone."""

from collections.abc import Iterable
from difflib import get_close_matches

from signedin_adapters.cli.output import shown


def hint(word: str, known: Iterable[str]) -> str:
    """`Did you mean status? `, with a blank at its end; empty where nothing known is like the word."""
    names = list(known)
    begun = [name for name in names if len(word) > 2 and name.startswith(word)]
    near = begun or get_close_matches(word, names, n=1)
    return f"Did you mean {' or '.join(map(shown, near))}? " if near else ""
