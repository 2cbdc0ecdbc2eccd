"""The catalogue of troubles: whole, readable, and the one that the code speaks of."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from signedin.cases import CASES, HEADINGS, Case, candidates, find, flag_of, is_bug
from signedin.states import Category, Flag
from signedin.table import TABLE

SOURCES = (Path(__file__).parents[2] / "core", Path(__file__).parents[2] / "adapters")
ACTIONS = {
    "sign_in",
    "enable_plan",
    "choose_model",
    "open_url",
    "unlock_store",
    "wait",
    "ask_admin",
    "update",
    "none",
}
EXIT_CODES = {0, 1, 3, 4, 5, 6, 7, 8, 9}
COMMANDS = {
    "accounts",
    "diagnose",
    "doctor",
    "explain",
    "forget",
    "login",
    "models",
    "providers",
    "refresh",
    "status",
    "use",
}
THE_COMMAND_LINES_OWN = {
    "not-signed-in",
    "bad-usage",
    "bad-config",
    "unknown-account",
    "unknown-model",
    "unknown-provider",
    "interrupted",
    "unexpected",
}

each_case = pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)


def test_the_headings_are_what_people_ask_for() -> None:
    """In the users' words and order, then what is ours to name."""
    assert list(HEADINGS) == [
        "Authentication failed",
        "Models not appearing",
        "OAuth window doesn't open",
        "Connection keeps expiring",
        "Network and environment",
        "Storage",
        "Status and integration",
    ]


def test_every_case_stands_under_one_heading() -> None:
    """No id is used twice."""
    ids = [case.id for cases in HEADINGS.values() for case in cases]
    assert ids == list(CASES)
    assert len(ids) == len(set(ids))


@each_case
def test_a_case_has_a_plain_name_and_known_words(case: Case) -> None:
    """Kebab-case id, a known action, and an exit code of the command line."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case.id)
    assert case.action in ACTIONS
    assert case.exit_code in EXIT_CODES


@each_case
def test_a_case_reads_well(case: Case) -> None:
    """A title without a full stop; a meaning and a remedy in whole sentences, without stray space."""
    assert not case.title.endswith(".")
    assert case.meaning.endswith(".")
    assert case.remedy.endswith(".")
    for text in (case.title, case.meaning, case.remedy):
        assert text == " ".join(text.split())
        assert text[0].isupper() or text[0] in "{0123456789"


@each_case
def test_remedies_name_commands_by_placeholder(case: Case) -> None:
    """So that a host app's own commands can be named."""
    for text in (case.title, case.meaning, case.remedy):
        named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        assert named <= COMMANDS
        assert "signedin " not in text


@each_case
def test_the_action_fits_who_can_end_it(case: Case) -> None:
    """Waiting is for what time ends, updating for bugs; nobody is sent to sign in by an outage."""
    if case.category is Category.BUG:
        assert case.action == "update"
    if case.category is Category.TRANSIENT:
        assert case.action != "update"
    if case.exit_code == 4:
        assert case.action in ("sign_in", "ask_admin")


@each_case
def test_a_case_is_as_much_as_its_kind_has(case: Case) -> None:
    """What is observed has a signal, and a candidate a case that it looks like; advice is about no step at all."""
    assert bool(case.signal) == (case.kind != "advice")
    assert case.kind != "advice" or (case.flag is None and case.move is None)
    assert case.kind != "candidate" or case.parent is not None


@each_case
def test_a_parent_has_none_itself(case: Case) -> None:
    """Reasons have no reasons. A candidate's is observed, and it does to the connection what that does."""
    if case.parent is None:
        return
    parent = CASES[case.parent]
    assert parent.parent is None
    if case.kind == "candidate":
        assert parent.kind == "observed"
        assert (case.exit_code, case.flag, case.move) == (parent.exit_code, parent.flag, parent.move)


@each_case
def test_the_step_of_a_case_stands_in_the_table(case: Case) -> None:
    """For each place it is taken from and each that it can lead to there is a row."""
    if case.move is None:
        return
    rows = [row for row in TABLE if row.event.__name__ == case.move.event]
    sources = {source for row in rows for source in row.sources}
    assert set(case.move.sources) <= sources
    led = {row.destination for row in rows if set(row.sources) & set(case.move.sources)}
    assert set(case.move.to) <= led if case.move.to else None in led


@each_case
def test_reports_can_be_looked_up(case: Case) -> None:
    """`owner/repository#number`, a section of an RFC, or a page by its title."""
    for report in case.seen:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+|RFC \d+ §[\d.]+|[A-Za-z][^#/]+", report)


def test_candidates_are_found_by_what_they_look_like() -> None:
    """In the catalogue's order, which is by likelihood."""
    found = candidates("callback-never-arrives")
    assert [case.id for case in found][:2] == ["callback-never-arrives-ssh", "callback-container"]
    assert candidates("offline-on-the-moon") == ()


def test_an_unknown_id_is_unclassified() -> None:
    """A log or a health of a newer version does not break an older one."""
    assert find("of-the-future").id == "unclassified"
    assert find("offline").id == "offline"


def test_flags_come_from_their_cases() -> None:
    """A limit raises its flag; an outage raises none."""
    assert flag_of("usage-limit-hit") is Flag.USAGE_PAUSED
    assert flag_of("offline") is None
    assert flag_of(None) is None


def test_a_bug_is_what_only_a_new_version_ends() -> None:
    """The machine gives bugs no retry time."""
    assert is_bug("bug")
    assert not is_bug("offline")
    assert not is_bug("of-the-future")


def test_every_case_that_the_code_speaks_of_is_in_the_catalogue() -> None:
    """`case="…"` anywhere in the sources names an entry, or one of the command line's own ids."""
    spoken = set(_spoken())
    assert len(spoken) > 40
    assert spoken - set(CASES) <= THE_COMMAND_LINES_OWN


def _spoken() -> Iterator[str]:
    for path in (path for source in SOURCES for path in source.rglob("*.py") if "/cases/" not in path.as_posix()):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="case", value=ast.Constant(value=str(case_id))):
                    yield case_id
