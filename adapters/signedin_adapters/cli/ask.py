"""Owns `signedin ask`: one question, its answer streamed to stdout as it comes.

It keeps no conversation and writes neither question nor answer anywhere.
"""

import argparse
import sys

import anyio

from signedin.errors import MisuseError, SignedinError
from signedin.responses import Answer
from signedin.responses import ask as answered
from signedin_adapters.cli import errors, exit_codes
from signedin_adapters.cli.connecting import connected
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown

EXAMPLES = (
    'signedin ask "Why is the sky blue?"',
    "signedin ask --model MODEL Why is the sky blue",
    "signedin ask - < question.txt",
)
LONGEST_PROMPT = 1024 * 1024
"""Bytes of a prompt from stdin."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The prompt and the model."""
    parser.add_argument("prompt", nargs="*", metavar="PROMPT", help="what to ask; - reads it from stdin")
    parser.add_argument("--model", metavar="MODEL", help="ask this model, not the chosen one")


def run(call: Invocation) -> int:
    """Ask."""
    return anyio.run(_ask, call, _prompt(call))


async def _ask(call: Invocation, prompt: str) -> int:
    async with connected(call) as connection, answered(connection, prompt, model=call.options.model) as answer:
        try:
            await _print(answer, call)
        except SignedinError as error:
            return _broken_off(answer, error, call)
    call.out.object(_object(answer))
    return exit_codes.OK


async def _print(answer: Answer, call: Invocation) -> None:
    try:
        async for piece in answer:
            call.out.write("\t".join(map(shown, piece.split("\t"))))
    finally:
        if answer.text and not answer.text.endswith("\n"):
            call.out.line()


def _broken_off(answer: Answer, error: SignedinError, call: Invocation) -> int:
    """In `--json` mode what came is told together with the error: there is one object only."""
    told = errors.trouble(error, call.program)
    if not call.out.json:
        return errors.tell(told, call.program, call.out)
    told_as = {"case": told.case, "message": told.message, "remedy": told.remedy}
    call.out.object({**_object(answer), "error": told_as})
    return told.code


def _object(answer: Answer) -> dict[str, object]:
    return {
        "text": answer.text,
        "model": answer.model,
        "status": answer.status,
        "request_id": answer.request_id,
    }


def _prompt(call: Invocation) -> str:
    words: list[str] = call.options.prompt
    piped = words == ["-"] or (not words and not _asked_by_hand())
    prompt = _read_stdin() if piped else " ".join(words)
    if not prompt.strip():
        raise MisuseError(f'There is nothing to ask. Try: {call.program.command("ask")} "Why is the sky blue?"')
    return prompt.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _asked_by_hand() -> bool:
    return sys.stdin is None or sys.stdin.closed or sys.stdin.isatty()


def _read_stdin() -> str:
    if sys.stdin is None or sys.stdin.closed:
        return ""
    text = sys.stdin.buffer.read(LONGEST_PROMPT + 1)
    if len(text) > LONGEST_PROMPT:
        raise MisuseError("The question is longer than 1 MiB.")
    return text.decode("utf-8", "replace")
