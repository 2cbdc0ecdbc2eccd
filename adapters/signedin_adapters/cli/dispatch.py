"""Owns the way from arguments to a command and from its end to an exit code. No error leaves it.

On the path of `status`: a command's module is imported once it was chosen, and nothing else with it.
"""

from importlib import import_module

from signedin.errors import MisuseError, SignedinError
from signedin_adapters.cli import errors, exit_codes, parsing, target
from signedin_adapters.cli.command_table import module
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.output import Output
from signedin_adapters.cli.program import Program


def run(arguments: list[str], program: Program | None = None) -> int:
    """Run one command line and give its exit code; BrokenPipeError alone is the caller's."""
    program = program or Program()
    before_values = arguments[: arguments.index("--")] if "--" in arguments else arguments
    out = Output(json="--json" in before_values, plain="--plain" in before_values)
    try:
        return _run(arguments, program, out)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - no traceback reaches a user
        told = errors.trouble(error, program)
        if not isinstance(error, (SignedinError, KeyboardInterrupt)):
            errors.note(error, program)
        return errors.tell(told, program, out)


def _run(arguments: list[str], program: Program, out: Output) -> int:
    name, rest = parsing.split(arguments)
    if name is None and ("--help" in rest or "-h" in rest):
        out.write(parsing.top(program).format_help())
        return exit_codes.OK
    if name is None and "--version" in rest and program.summary is None:
        return _version(program, out)
    return _run_command(name or "status", rest, program, out)


def _run_command(name: str, arguments: list[str], program: Program, out: Output) -> int:
    if name not in program.commands:
        from signedin_adapters.cli.resembling import hint

        raise MisuseError(f"There is no command {name!r}. {hint(name, program.commands)}See {program.prog} --help.")
    command = import_module(module(name))
    parser = parsing.parser(name, command, program)
    if "--help" in arguments or "-h" in arguments:
        out.write(parser.format_help())
        return exit_codes.OK
    options = parser.parse_args(arguments)
    if options.app is not None:
        if not getattr(command, "READS_OTHER_APPS", False):
            raise MisuseError(f"--app only looks, and {program.command(name)} does more.")
        from signedin_adapters.cli import looking

        program = looking.at(options.app, program)
    program.target = target.typed(options, program.home)
    result: int = command.run(Invocation(options=options, program=program, out=out))
    return result


def _version(program: Program, out: Output) -> int:
    from signedin.version import VERSION

    out.object({"version": VERSION})
    out.line(f"{program.prog} {VERSION}")
    return exit_codes.OK
