"""The repository's shape, where no linter holds it."""

import ast
import subprocess
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("core/signedin", "adapters/signedin_adapters")
LONGEST = 400
"""Lines of code in a module: what is longer has two nouns in it."""
NAMELESS = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

# Put together, so that this file keeps its own rules.
REGISTRIES = tuple(".".join(name) for name in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")))
UNFINISHED = tuple("".join(word) for word in (("TO", "DO"), ("FIX", "ME"), ("XX", "X ")))


def texts() -> Iterator[tuple[str, str]]:
    """The name and the text of each file that belongs to the repository, committed or about to be."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines():
        if (path := ROOT / name).is_file() and path.suffix != ".png":
            yield name, path.read_text(encoding="utf-8", errors="replace")


def naming(*words: str) -> list[str]:
    """The files in which one of the words stands."""
    return [name for name, text in texts() if any(word in text for word in words)]


def modules() -> list[Path]:
    """Every module of both packages."""
    return sorted(module for package in PACKAGES for module in (ROOT / package).rglob("*.py"))


def code_lines(module: Path) -> int:
    """Lines that are neither blank, nor comment, nor docstring."""
    text = module.read_text(encoding="utf-8")
    said = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(map(str.strip, text.splitlines()), start=1)
    return sum(line != "" and not line.startswith("#") and number not in said for number, line in lines)


def test_each_source_root_holds_one_package() -> None:
    """Which says that it is typed."""
    for package in map(Path, PACKAGES):
        found = {path.name for path in (ROOT / package).parent.iterdir() if not path.name.startswith((".", "__"))}
        assert found == {package.name}
        assert (ROOT / package / "py.typed").exists()


def test_no_module_is_too_long() -> None:
    """One file, one noun."""
    assert {str(module): lines for module in modules() if (lines := code_lines(module)) > LONGEST} == {}


def test_no_module_is_named_for_nothing() -> None:
    """A name says what is owned."""
    assert [str(module) for module in modules() if module.stem in NAMELESS or module.parent.name in NAMELESS] == []


@pytest.mark.parametrize("group", ["signedin.defaults", "signedin.stores"])
def test_every_entry_point_leads_somewhere(group: str) -> None:
    """The core finds its adapters by these names alone."""
    assert all(callable(entry.load()) for entry in entry_points(group=group))


def test_no_file_names_a_package_registry() -> None:
    """Whoever installs has one of their own."""
    assert naming(*REGISTRIES) == []


def test_no_file_is_left_unfinished() -> None:
    """What is not done yet is not here yet."""
    assert naming(*UNFINISHED) == []


def test_no_file_names_a_path_of_this_machine() -> None:
    """Generated pages above all: they say the same wherever they are made."""
    assert naming(f"{ROOT}/") == []
