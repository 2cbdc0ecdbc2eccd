"""The judges together: what their tables name, and where they are found."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

from signedin import classify
from signedin.cases import CASES

NAMES = [module.name for module in iter_modules(classify.__path__)]


def tables(name: str) -> Iterator[dict[object, object]]:
    """The tables of one judge that lead from something to a case."""
    for member, table in vars(import_module(f"signedin.classify.{name}")).items():
        if (
            isinstance(table, dict)
            and not member.startswith("__")
            and all(type(each) is str for each in table.values())
        ):
            yield table


@pytest.mark.parametrize("name", NAMES)
def test_every_row_leads_to_a_case_that_can_be_seen(name: str) -> None:
    """A reason or an advice is never decided."""
    for table in tables(name):
        assert {CASES[str(case)].kind for case in table.values()} == {"observed"}


@pytest.mark.parametrize("name", NAMES)
def test_every_judge_is_listed(name: str) -> None:
    """In the package's own words, for whoever looks for one."""
    assert f"\n    {name} " in (classify.__doc__ or "")
