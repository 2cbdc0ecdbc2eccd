"""Owns `signedin sandbox`: the stand-in server in the foreground, and the file that tells others where it is.

Nothing in it is secret, and it listens on 127.0.0.1 alone. The file goes when the sandbox does, unless another sandbox
has put its own there.
"""

import argparse
import json
import os
import shlex
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from time import localtime, strftime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from signedin.errors import SignedinError
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.extras import extra
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import shown
from signedin_adapters.loopback.takeover import no_port
from signedin_adapters.providers import sandbox as provider
from signedin_adapters.sandbox import FAULTS, Fault, FaultSpec
from signedin_adapters.stores import durable, trust

if TYPE_CHECKING:
    from signedin_adapters.sandbox import RequestRecord, Sandbox

PREFERRED_PORT = 8765
_OF_PORTS = ("port-in-use-other-tool", "port-excluded-windows")
EXAMPLES = (
    "signedin sandbox",
    "signedin sandbox --access-ttl 20 --auto-approve",
    "signedin sandbox --fault token-503@always",
    "signedin sandbox --fault refresh-token-revoked",
    "signedin sandbox --list-faults",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sandbox is to be like."""
    parser.add_argument("--port", type=_port, metavar="N", help="listen there (default: 8765, else a free one)")
    parser.add_argument("--plan", choices=("free", "plus", "pro"), default="plus", help="the plan that people have")
    parser.add_argument("--access-ttl", type=_seconds, default=3600, metavar="S", help="seconds an access token lives")
    parser.add_argument("--auto-approve", action="store_true", help="sign in and consent without a page")
    often = "let this fault strike, or the first that plays this case; once or as often as said; may be given again"
    metavar = "FAULT|CASE[@once|always|N]"
    parser.add_argument("--fault", type=_fault, action="append", default=[], metavar=metavar, help=often)
    parser.add_argument("--list-faults", action="store_true", help="what can be made to go wrong, with its case")


def run(call: Invocation) -> int:
    """Serve until Ctrl-C, which is its usual end."""
    if call.options.list_faults:
        return _list_faults(call)
    with extra("sandbox"):
        from signedin_adapters.sandbox import Sandbox
    sandbox = Sandbox(
        plan=call.options.plan,
        access_ttl=call.options.access_ttl,
        auto_approve=call.options.auto_approve,
        on_request=lambda record: _print_request(record, call),
    )
    for spec in call.options.fault:
        sandbox.faults.add(spec)
    with _ended_by_signals():
        _serve(sandbox, call)
    call.out.note("The sandbox has ended; what it held is gone.")
    return exit_codes.OK


def _serve(sandbox: "Sandbox", call: Invocation) -> None:
    from signedin_adapters.sandbox import serve

    asked: int | None = call.options.port
    file = provider.path(call.program.home)
    written: list[bytes] = []

    def begin(ready: "Sandbox") -> None:
        if other := _another(file, ready.url):
            call.out.note(f"Another sandbox listens on {other}; provider sandbox means this one from now on.")
        written.append(announce(ready, call.program.home))
        _tell(ready, call)

    try:
        serve(sandbox, port=asked or PREFERRED_PORT, or_free_port=asked is None, on_ready=begin)
    except OSError as error:
        refused = no_port("127.0.0.1", {asked or 0: error.errno or 0})
        if refused.case not in _OF_PORTS:
            raise
        raise refused from None
    finally:
        with suppress(SignedinError):
            if written and trust.read(file) == written[0]:
                durable.remove(file)


def _another(file: str, ours: str) -> str | None:
    """The sandbox that the file names, if it still listens."""
    with suppress(OSError, ValueError, KeyError, TypeError, SignedinError):
        url = str(json.loads(trust.read(file) or b"{}")["url"])
        address = urlsplit(url)
        if url != ours and address.port is not None:
            socket.create_connection((address.hostname, address.port), timeout=1.0).close()
            return url
    return None


def announce(sandbox: "Sandbox", home: str) -> bytes:
    """Write where the sandbox is, for its providers; gives back what stands there, and is this run's alone.

    Raises StoreError.
    """
    found = {**_addresses(sandbox), "codex_ports": sandbox.codex_ports, "pid": os.getpid()}
    data = json.dumps(found).encode()
    durable.make_home(home)
    durable.write(provider.path(home), data)
    return data


def _addresses(sandbox: "Sandbox") -> dict[str, object]:
    return {"url": sandbox.url, "issuer": sandbox.issuer, "api_base": sandbox.api_base}


def _tell(sandbox: "Sandbox", call: Invocation) -> None:
    out = call.out
    out.object(_addresses(sandbox))
    out.line(f"The sandbox listens on {out.strong(sandbox.url)}")
    out.line(out.quiet("It stands in for OpenAI's servers. Nothing in it is real, and nothing leaves this machine."))
    if call.options.fault:
        out.line("What will go wrong: " + ", ".join(_in_words(spec) for spec in call.options.fault))
    out.line()
    out.line("Next, in another terminal:")
    out.line(f"  {_same_home()}{call.program.command('login')} --provider sandbox")
    out.line(out.quiet("Or --provider sandbox-codex or sandbox-native, which also take --device."))
    out.line()
    out.line(out.quiet("Its requests follow. Ctrl-C ends it."))


def _same_home() -> str:
    home = os.environ.get("SIGNEDIN_HOME")
    return f"SIGNEDIN_HOME={shlex.quote(home)} " if home else ""


def _in_words(spec: FaultSpec) -> str:
    if spec.times == 1:
        return spec.name
    return f"{spec.name} ({'always' if spec.times is None else f'{spec.times} times'})"


def _print_request(record: "RequestRecord", call: Invocation) -> None:
    """Called on the server's thread, which must not fail because nobody reads."""
    clock = call.out.quiet_note(strftime("%H:%M:%S", localtime(record.at)))
    with suppress(OSError, SignedinError):
        call.out.note(f"{clock} {shown(str(record))}")


def _list_faults(call: Invocation) -> int:
    call.out.object({"faults": [_fields(fault) for fault in FAULTS.values()]})
    width = max(map(len, FAULTS))
    for fault in FAULTS.values():
        case = call.out.quiet(f" ({fault.case})") if fault.case else ""
        call.out.line(f"{call.out.strong(f'{fault.name:<{width}}')}  {fault.description}{case}")
    return exit_codes.OK


def _fields(fault: Fault) -> dict[str, str | None]:
    return {"name": fault.name, "endpoint": fault.endpoint, "description": fault.description, "case": fault.case}


@contextmanager
def _ended_by_signals() -> Generator[None]:
    """SIGTERM and a closed terminal end it as Ctrl-C does, so that its file is removed."""
    endings = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {ending: signal.signal(ending, _interrupt) for ending in endings}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535")
    return int(text)


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is no lifetime: whole seconds from 1 to 86400")
    return int(text)


def _fault(text: str) -> FaultSpec:
    try:
        return FaultSpec.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; --list-faults lists them") from None
