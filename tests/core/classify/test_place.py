"""Which of a case's reasons are likely, by the machine's markers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.cases import CASES, candidates
from signedin.classify.place import MARKED, likeliest_first


@pytest.mark.parametrize(
    ("case", "markers", "first"),
    [
        ("callback-never-arrives", (), "callback-never-arrives-ssh"),
        ("callback-never-arrives", ("ssh",), "callback-never-arrives-ssh"),
        ("callback-never-arrives", ("wsl",), "callback-wsl2"),
        ("callback-never-arrives", ("container",), "callback-container"),
        ("callback-never-arrives", ("editor",), "callback-container"),
        ("no-browser-headless", ("wsl",), "wsl-opener-missing"),
    ],
)
def test_a_marker_puts_its_reasons_first(case: str, markers: tuple[str, ...], first: str) -> None:
    """The rest stands as the catalogue has it."""
    found = likeliest_first(case, markers)
    assert found[0].id == first
    assert [reason for reason in candidates(case) if reason.id != first] == [each for each in found if each.id != first]


def test_markers_speak_for_candidates_alone() -> None:
    """What a signal decides needs no guess."""
    assert all(CASES[reason].kind == "candidate" for reasons in MARKED.values() for reason in reasons)


@given(st.sampled_from(sorted(CASES)) | st.text(), st.lists(st.sampled_from(sorted(MARKED)) | st.text()))
def test_no_marker_adds_or_hides_a_reason(case: str, markers: list[str]) -> None:
    """Total: they order, and nothing else."""
    assert sorted(each.id for each in likeliest_first(case, markers)) == sorted(each.id for each in candidates(case))
