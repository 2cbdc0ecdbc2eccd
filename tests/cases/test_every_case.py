"""No case without a test, no test without a case."""

from tests.support.case_tests import case_tests

from signedin.cases import CASES

TESTS = tuple(case_tests())


def test_every_case_has_a_test() -> None:
    """A case that nobody saw happen is a guess."""
    assert sorted(set(CASES) - {test.case for test in TESTS}) == []


def test_every_test_has_a_case() -> None:
    """What is renamed or taken out of the catalogue takes its tests along."""
    assert sorted({test.case for test in TESTS} - set(CASES)) == []


def test_a_case_of_its_own_is_shown_from_the_users_end() -> None:
    """Observed, and no variant of another: unless it happens on another system alone."""
    own = {case.id for case in CASES.values() if case.kind == "observed" and case.parent is None}
    shown = {test.case for test in TESTS if test.file.startswith("tests/cases/")}
    assert sorted(own - shown) == []


def test_what_cannot_be_played_here_says_where_it_can() -> None:
    """The systems by their names."""
    assert {test.system for test in TESTS} <= {None, "Windows", "macOS"}
