"""Which test shows which case: `@pytest.mark.case("id", …)`, found in the tests' own text without running them.

`system` names where alone the case can happen; its test looks at the classifier instead, and says so.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("tests/cases", "tests/core", "tests/adapters")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTest:
    """One test of one case. `file` is relative to the root; `system` is None where it is played here."""

    case: str
    file: str
    name: str
    system: str | None


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker."""
    config.addinivalue_line("markers", "case(*ids, system=None): the cases of the catalogue that the test shows")


def case_tests(root: Path = ROOT) -> Iterator[CaseTest]:
    """Every test that names a case, by file and line."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("test_*.py")):
            text = path.read_text(encoding="utf-8")
            if "mark.case(" in text:
                yield from _in_file(ast.parse(text), path.relative_to(root).as_posix())


def _in_file(tree: ast.Module, file: str) -> Iterator[CaseTest]:
    for function in tree.body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.case":
                    named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
                    for id_ in map(ast.literal_eval, call.args):
                        yield CaseTest(case=id_, file=file, name=function.name, system=named.get("system"))
