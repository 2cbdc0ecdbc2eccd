"""Owns `signedin providers`: the known providers, and where each of their settings came from. It contacts nobody."""

import argparse
import os
from typing import Any

from signedin.errors import UnknownProvider
from signedin.provider import Provider
from signedin_adapters import providers
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.choosing import DEFAULT_PROVIDER
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.providers import Known

READS_OTHER_APPS = True
EXAMPLES = ("signedin providers", "signedin providers chatgpt", "signedin providers --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this command alone."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="show every setting of this one")


def run(call: Invocation) -> int:
    """List the providers, or show one whole."""
    known, default = providers.known(call.program.home), _default(call)
    name = call.options.name or call.options.provider
    shown_ones = known if name is None else [_find(known, name)]
    call.out.object({"providers": [_described(each, default) for each in shown_ones]})
    if name is None:
        _print_list(call, known, default)
    else:
        _print_settings(call, shown_ones[0])
    return exit_codes.OK


def _default(call: Invocation) -> str:
    named = os.environ.get("SIGNEDIN_PROVIDER") or providers.default_name(call.program.home)
    return named or DEFAULT_PROVIDER


def _find(known: list[Known], name: str) -> Known:
    for each in known:
        if each.name == name:
            return each
    raise UnknownProvider(f"There is no provider called {shown(name)}. Providers: {', '.join(e.name for e in known)}.")


def _described(known: Known, default: str) -> dict[str, object]:
    settings = [{"key": key, "value": value, "source": source} for key, value, source in _settings(known.profile)]
    return {
        "name": known.name,
        "title": known.title,
        "source": known.source,
        "default": known.name == default,
        "available": known.profile is not None,
        "settings": settings,
    }


def _settings(profile: Provider | None) -> list[tuple[str, Any, str]]:
    if profile is None:
        return []
    return [(key, _plain(key, getattr(profile, key)), source) for key, source in profile.sources]


def _plain(key: str, value: Any) -> Any:
    """As a table of TOML would have it."""
    return dict(value) if key == "authorize_params" else value


def _print_list(call: Invocation, known: list[Known], default: str) -> None:
    out = call.out
    names, titles = (max(map(len, texts)) for texts in zip(*((e.name, e.title) for e in known), strict=True))
    for each in known:
        mark = "*" if each.name == default else " "
        state = "" if each.profile is not None else f", not running: {call.program.command('sandbox')}"
        out.line(f"{mark} {each.name:<{names}}  {shown(each.title):<{titles}}  {out.quiet(each.source + state)}")
    more = call.program.command("providers NAME")
    out.line()
    out.line(out.quiet(f"* is used to sign in where nothing else is said. {more} shows every setting."))


def _print_settings(call: Invocation, known: Known) -> None:
    out = call.out
    out.line(f"{out.strong(known.name)}  {shown(known.title)}  {out.quiet(f'({known.source})')}")
    settings = _settings(known.profile)
    if not settings:
        out.line(f"  It has not run here yet: {call.program.command('sandbox')} starts it.")
    for key, value, source in settings:
        out.line(f"  {key:<22} {_text(key, value)}  {out.quiet(f'({source})')}")


def _text(key: str, value: Any) -> str:
    if key == "authorize_params":
        return shown(" ".join(f"{name}={each}" for name, each in value.items()))
    return shown(" ".join(map(str, value)) if key in ("scopes", "redirect_ports") else str(value))
