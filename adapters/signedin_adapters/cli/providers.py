"""Owns `signedin providers`: the known providers, and where each of their settings came from. It contacts nobody."""

import argparse
import os
import sys
from typing import cast

from signedin.errors import UnknownProvider
from signedin.provider import ClaimPath, Provider
from signedin_adapters import providers
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.choosing import DEFAULT_PROVIDER
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.cli.resembling import hint
from signedin_adapters.lines import fitted
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
    names = [each.name for each in known]
    guess = hint(name, names)
    raise UnknownProvider(f"There is no provider called {shown(name)}. {guess}Providers: {', '.join(names)}.")


def _described(known: Known, default: str) -> dict[str, object]:
    settings = [{"key": key, "value": value, "source": source} for key, value, source in _settings(known.profile)]
    return {
        "name": known.name,
        "title": known.title,
        "source": known.source,
        "default": known.name == default,
        "opt_in": known.opt_in,
        "available": known.profile is not None,
        "settings": settings,
    }


def _settings(profile: Provider | None) -> list[tuple[str, object, str]]:
    if profile is None:
        return []
    values = dict(providers.settings(profile))
    return [(key, values[key], source) for key, source in profile.sources]


def _print_list(call: Invocation, known: list[Known], default: str) -> None:
    out, start = call.out, call.program.remedy("{sandbox}")
    names, titles = (max(map(len, texts)) for texts in zip(*((e.name, e.title) for e in known), strict=True))
    for each in known:
        mark = "*" if each.name == default else " "
        state = ", opt-in" if each.opt_in else ""
        if each.profile is None:
            state = f", not running: {start}" if start else ", not running"
        out.line(f"{mark} {each.name:<{names}}  {shown(each.title):<{titles}}  {out.quiet(each.source + state)}")
    more = call.program.command("providers NAME")
    out.line()
    out.line(out.quiet(f"* is used to sign in where nothing else is said. {more} shows every setting."))


def _print_settings(call: Invocation, known: Known) -> None:
    out = call.out
    out.line(f"{out.strong(known.name)}  {shown(known.title)}  {out.quiet(f'({known.source})')}")
    settings = _settings(known.profile)
    if not settings:
        out.line(call.program.remedy("  It has not run here yet: {sandbox} starts it."))
    above = ""
    for key, value, source in settings:
        group, _, name = key.partition(".")
        if name and group != above:
            out.line(f"  {group}")
        above = group
        label = f"    {name:<27}" if name else f"  {key:<22}"
        out.line(f"{label} {shown(_text(key, value))}  {out.quiet(f'({source})')}")
    if known.profile is not None and _is_discovered(known.profile):
        out.line("  The endpoints are discovered: they stand in the metadata that the issuer publishes.")
    if known.opt_in and known.profile is not None:
        text = f"Opt-in: it is used where it is asked for by name. {shown(known.profile.notice or '')}"
        out.line()
        out.line(fitted(text.rstrip(), sys.stdout))


def _is_discovered(profile: Provider) -> bool:
    """Whether the server is asked where to send things (RFC 8414)."""
    return not profile.takes_key and profile.authorization_endpoint is None


def _text(key: str, value: object) -> str:
    """As a person reads it: a claim's path as TOML writes one, a list without its brackets."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "claims.email":
        return " or ".join(map(_path, cast(tuple[ClaimPath, ...], value)))
    if isinstance(value, tuple):
        items = tuple(map(str, cast(tuple[object, ...], value)))
        return _path(items) if key.startswith("claims.") else " ".join(items)
    return str(value)


def _path(names: ClaimPath) -> str:
    return ".".join(name if name.isidentifier() else f'"{name}"' for name in names)
