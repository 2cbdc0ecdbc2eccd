"""Owns the sign-in prompt of a terminal: what a person reads while the browser is open, and what they may paste.

It writes to one stream for people and never to stdout, never holds the process open, and leaves the terminal as it was.
"""

from signedin_adapters.console.prompt import ConsolePrompt, console_prompt

__all__ = ["ConsolePrompt", "console_prompt"]
