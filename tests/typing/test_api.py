"""Whether `api.py` and `suites.py` are whole: each exported name and member of a connection stands there, typed."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from signedin import Connection, sync

EXPORTING = (
    "signedin",
    "signedin.responses",
    "signedin.sync",
    "signedin.testing",
    "signedin_adapters.cli",
    "signedin_adapters.console",
    "signedin_adapters.openai",
    "signedin_adapters.testing",
    "signedin_adapters.web",
)
NODES = [
    node
    for name in ("api.py", "suites.py")
    for node in ast.walk(ast.parse(Path(__file__).with_name(name).read_text(encoding="utf-8")))
]


def imported() -> dict[str, str]:
    """What each imported name stands for, as `module.name`."""
    found = {"signedin": "signedin"}
    for node in NODES:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def used() -> set[str]:
    """Everything that stands in the code, by its whole name; a fixture is used as an argument."""
    names = imported()
    by_themselves = {names[node.id] for node in NODES if isinstance(node, ast.Name) and node.id in names}
    by_module = {
        f"{names[node.value.id]}.{node.attr}"
        for node in NODES
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
    }
    return (
        by_themselves
        | by_module
        | {f"signedin_adapters.testing.{node.arg}" for node in NODES if isinstance(node, ast.arg)}
    )


@pytest.mark.parametrize("module", EXPORTING)
def test_each_exported_name_is_used(module: str) -> None:
    """A name that is new is not finished before its users' type checkers know it."""
    exported = getattr(import_module(module), "__all__", ["commands"])
    assert {f"{module}.{name}" for name in exported} <= used()


def test_each_member_of_a_connection_is_used() -> None:
    """Methods and properties, also of the one for threads."""
    attributes = {node.attr for node in NODES if isinstance(node, ast.Attribute)}
    members = vars(Connection).keys() | vars(sync.Connection).keys()
    assert {name for name in members if not name.startswith("_")} <= attributes
