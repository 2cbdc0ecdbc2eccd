"""Each benchmark has options of its own, and `make bench` takes those of all."""

import argparse
import sys

import pytest
from results.options import Counts, add_all, options, words_for

COUNTS: dict[str, Counts] = {
    "rotation": {"expiries": (100, "in a row"), "life": (1.0, "seconds that a token lives")},
    "one_expiry": {"expiries": (20, "in a row")},
}


@pytest.fixture
def every() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    add_all(parser, COUNTS)
    return parser


def test_an_option_is_a_number_of_its_defaults_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not given has its default."""
    monkeypatch.setattr(sys, "argv", ["rotation.py", "--life", "2"])
    assert options("Many processes.", COUNTS["rotation"]) == argparse.Namespace(expiries=100, life=2.0)


def test_each_benchmark_is_handed_its_own(every: argparse.ArgumentParser) -> None:
    """And nothing that was not given."""
    given = every.parse_args(["--expiries", "3", "--life", "2"])
    words = {name: words_for(counts, given) for name, counts in COUNTS.items()}
    assert words == {"rotation": ["--expiries=3", "--life=2.0"], "one_expiry": ["--expiries=3"]}
    assert words_for(COUNTS["rotation"], every.parse_args([])) == []


def test_a_word_that_no_benchmark_knows_is_refused(
    every: argparse.ArgumentParser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the run of all, and by each one."""
    with pytest.raises(SystemExit):
        every.parse_args(["--lives", "3"])
    monkeypatch.setattr(sys, "argv", ["rotation.py", "--expiry", "3"])
    with pytest.raises(SystemExit):
        options("Many processes.", COUNTS["rotation"])
    assert capsys.readouterr().err.count("unrecognized arguments") == 2
