"""What `import signedin` gives, and what it costs."""

import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

import signedin

ROOTS = [str(Path(signedin.__file__).parents[1]), sysconfig.get_path("purelib")]
IO = {"anyio", "asyncio", "httpx", "keyring", "socket", "ssl", "structlog", "trio"}
HEAVY = IO | {"cryptography", "dataclasses", "h11", "joserfc", "pathlib", "threading", "transitions", "typing"}
NEEDED_LATER = {
    "asyncio",
    "cryptography",
    "h11",
    "httpx",
    "joserfc",
    "keyring",
    "ssl",
    "structlog",
    "trio",
    "truststore",
}
NAMES = sorted(set(signedin.__all__) - {"__version__"})


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter, without site packages' own start-up code, loads for a statement."""
    code = f"import sys; sys.path[:0] = {ROOTS}; {statement}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, check=True, text=True)
    return set(answer.stdout.split())


def test_there_are_few_of_them() -> None:
    """At most forty: whoever embeds us can know them all."""
    assert len(set(signedin.__all__)) == len(signedin.__all__) <= 40


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    """Each can be imported, is the project's own, and has a docstring of its own."""
    value = getattr(signedin, name)
    assert value.__module__.startswith("signedin.")
    assert value.__doc__
    assert not value.__doc__.startswith(f"{name}("), "made up by dataclass"


def test_the_version_is_the_distribution_s() -> None:
    """The code and the package's metadata say the same."""
    assert signedin.__version__ == version("signedin")


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'Conection'"):
        _ = signedin.Conection


def test_importing_the_package_loads_nothing_else() -> None:
    """Not even a module of its own: an app that never signs anybody in pays for nothing."""
    assert loaded_by("import signedin") - loaded_by("pass") == {"signedin"}


def test_no_name_brings_what_a_sign_in_needs() -> None:
    """HTTP, keyrings, sealing and the log come with the first use of a connection."""
    loaded = loaded_by("import signedin; [getattr(signedin, name) for name in signedin.__all__]")
    assert "signedin.connection" in loaded
    assert not loaded & NEEDED_LATER


@pytest.mark.parametrize("module", ["errors", "secret", "status", "version"])
def test_what_the_status_command_needs_is_light(module: str) -> None:
    """Words and judging cost no library, and none of the slow parts of the standard one."""
    assert not HEAVY & loaded_by(f"import signedin.{module}")


@pytest.mark.parametrize("module", ["cases", "commands", "context", "events", "machine", "states", "table"])
def test_the_machine_brings_no_io(module: str) -> None:
    """From the machine down nothing can wait, lock or reach a network."""
    assert not loaded_by(f"import signedin.{module}") & IO
