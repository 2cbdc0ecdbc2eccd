"""Owns where answers go: stdout is data, stderr is for people. In `--json` mode stdout gets exactly one object.

It colours a terminal with restraint and nothing else, and treats a stream that is closed as one that nobody reads.
On the path of `status`: it imports `os`, `sys`, `json` and small modules of ours.
"""

import json
import os
import sys

from signedin.errors import SignedinError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

Answer = dict[str, object]
"""One JSON object."""

SCHEMA = 1
_NORMAL = "\x1b[0m"


class Output:
    """The streams of one call. `terminal` says whether a person reads stdout, `asks` whether one can be asked."""

    __slots__ = ("_colour", "_colour_of_notes", "asks", "json", "plain", "terminal")

    def __init__(self, *, json: bool = False, plain: bool = False) -> None:
        self.json, self.plain = json, plain
        self.terminal = _is_terminal(sys.stdout)
        self.asks = _is_terminal(sys.stdin) and _is_terminal(sys.stderr)
        wanted = not plain and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._colour = wanted and self.terminal
        self._colour_of_notes = wanted and _is_terminal(sys.stderr)

    def line(self, text: str = "") -> None:
        """One line of the answer; silent in `--json` mode."""
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        """A piece of the answer, at once; silent in `--json` mode."""
        if not self.json:
            _write(sys.stdout, text)

    def object(self, answer: Answer) -> None:
        """The one object of `--json` mode, with its schema; silent otherwise."""
        if self.json:
            self.record({"schema": SCHEMA, **answer})

    def record(self, answer: Answer) -> None:
        """One object on one line, as commands print that follow something; in any mode. ASCII steers no terminal."""
        _write(sys.stdout, json.dumps(answer) + "\n")

    def note(self, text: str = "") -> None:
        """A line for people, on stderr."""
        _write(sys.stderr, f"{text}\n")

    def paragraph(self, text: str) -> None:
        """Text for people, on stderr, indented; a terminal gets it broken between words."""
        from signedin_adapters.lines import fitted

        self.note(fitted(text, sys.stderr, indent="  "))

    def ask(self, question: str) -> str:
        """What a person types on one line; empty where the input ends. Only where `asks`."""
        _write(sys.stderr, question)
        line = sys.stdin.readline()
        if not line.endswith("\n"):
            self.note()
        return line.strip()

    def confirms(self, question: str) -> bool:
        """Whether a person says yes; no is the default."""
        return self.ask(f"{question} [y/N] ").lower() in ("y", "yes")

    def strong(self, text: str) -> str:
        """Text of the answer that matters most."""
        return _dress(text, "1", self._colour)

    def quiet(self, text: str) -> str:
        """Text of the answer that matters less."""
        return _dress(text, "2", self._colour)

    def good(self, text: str) -> str:
        """Text of the answer that says that all is well."""
        return _dress(text, "32", self._colour)

    def bad(self, text: str) -> str:
        """Text of the answer that says that something is not."""
        return _dress(text, "31", self._colour)

    def strong_note(self, text: str) -> str:
        """Text of a note that matters most."""
        return _dress(text, "1", self._colour_of_notes)

    def quiet_note(self, text: str) -> str:
        """Text of a note that matters less."""
        return _dress(text, "2", self._colour_of_notes)


def shown(text: str) -> str:
    """Text from elsewhere, without what could steer a terminal; line breaks stay."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def _dress(text: str, code: str, wanted: bool) -> str:
    return f"\x1b[{code}m{text}{_NORMAL}" if wanted and text else text


def _is_terminal(stream: "TextIO | None") -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _write(stream: "TextIO | None", text: str) -> None:
    if stream is None or stream.closed:
        return
    try:
        stream.write(_encodable(text, stream))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SignedinError(f"The answer could not be written ({error.strerror})") from error


def _encodable(text: str, stream: "TextIO") -> str:
    encoding = stream.encoding or "ascii"
    return text.encode(encoding, "replace").decode(encoding)
