"""Owns which way `login` goes: by browser, by code, by API key. What a provider does not have is refused beforehand.

How a way is shown to people is the console's work; here is what has to be typed for it.
"""

import argparse
from collections.abc import Mapping

from signedin import Connection
from signedin.errors import ConfigurationError, MisuseError
from signedin.oauth import discovery
from signedin.oauth.device import flow_of
from signedin.provider import Provider
from signedin.sign_in import Prompt
from signedin_adapters import browser
from signedin_adapters.cli.errors import not_offered
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.console import console_prompt

KEY_PROVIDER = "openai"
"""Whose key `--api-key` means where no provider is named."""


def check(options: argparse.Namespace) -> None:
    """Raises MisuseError for options that belong to different ways."""
    if options.device and options.api_key:
        raise MisuseError("--device and --api-key are two ways to sign in: choose.")
    if options.device and options.port is not None:
        raise MisuseError("--port is where the browser comes back to, and with --device none does: leave it out.")
    if options.device and options.enable_plan:
        raise MisuseError("--enable-plan asks in the browser that comes back here: leave --device out.")


def refuse_port(options: argparse.Namespace, provider: Provider) -> None:
    """Raises MisuseError for a port that the provider sends no browser back to."""
    ports = provider.redirect_ports
    if options.port is not None and options.port not in ports and 0 not in ports:
        names = " or ".join(map(str, ports))
        raise MisuseError(f"{provider.title} sends the browser back to port {names} alone: choose that, or no --port.")


def refuse_others(call: Invocation, provider: Provider) -> None:
    """Raises ConfigurationError for what the provider does not have, naming what it has instead."""
    options, login = call.options, call.program.remedy("{login}")
    if options.device and _has_no_code(provider):
        instead = "run {login}." if provider.takes_key else "run {login} --no-browser, and paste the answer."
        raise not_offered(f"{provider.title} does not offer signing in with a code: {call.program.remedy(instead)}")
    if options.api_key and not provider.takes_key:
        raise not_offered(f"{provider.title} does not offer signing in with an API key: run {login}.")
    if provider.takes_key and not options.api_key:
        raise not_offered(f"{provider.title} does not offer signing in with a browser: run {login}.")
    if options.enable_plan and provider.plan_scope is None:
        raise not_offered(f"{provider.title} does not offer plan use.")


async def sign_in(call: Invocation, connection: Connection) -> None:
    """Sign in with a browser or with a code. Raises SignInFailed, and ConfigurationError where there is no such way."""
    options = call.options
    open_browser = None if options.no_browser else browser.open_browser
    prompt = console_prompt(open_browser=open_browser, plain=call.out.plain, commands=_commands(call))
    if options.device:
        await _sign_in_with_code(connection, prompt, options.timeout)
        return
    await connection.sign_in(
        prompt=prompt,
        seconds=options.timeout,
        ports=(options.port,) if options.port is not None else None,
        consent=options.enable_plan,
    )


async def _sign_in_with_code(connection: Connection, prompt: Prompt, seconds: float | None) -> None:
    try:
        await connection.sign_in(prompt=prompt, seconds=seconds, device=True)
    except ConfigurationError as error:
        raise not_offered(error.message) from None


def _commands(call: Invocation) -> Mapping[str, str]:
    """What to type for another way of the same sign-in."""
    return {"device": call.program.remedy("{login} --device")}


def _has_no_code(provider: Provider) -> bool:
    """Whether that is known already: where the server's metadata is not, the attempt finds it out."""
    if provider.registration != "fixed":
        return True
    metadata = discovery.from_provider(provider)
    return metadata is not None and flow_of(provider, metadata, client_id=provider.client_id) is None
