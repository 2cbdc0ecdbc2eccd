"""The generated pages are current, whole, and say what they are made from."""

import re
from pathlib import Path

import pytest
from tools import docs

from signedin.cases import CASES, HEADINGS
from signedin.states import State
from signedin.table import TABLE

MARKDOWN = [name for name in docs.PAGES if name.endswith(".md")]


def test_the_pages_are_current() -> None:
    """What lies in the repository is what its sources say."""
    assert docs.drifted(docs.ROOT) == {}


def test_drift_is_named_with_its_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check fails, names the file, says what to run and writes nothing."""
    assert docs.main([], tmp_path) == 0
    assert docs.main(["--check"], tmp_path) == 0
    page = tmp_path / "docs" / "troubleshooting.md"
    page.write_text("older\n", encoding="utf-8")
    capsys.readouterr()
    assert docs.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == "docs/troubleshooting.md is not what its sources say: run `make docs`\n"
    assert page.read_text(encoding="utf-8") == "older\n"


def test_only_what_drifted_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run writes nothing."""
    docs.main([], tmp_path)
    assert sorted(capsys.readouterr().out.split()[1::2]) == sorted(docs.PAGES)
    docs.main([], tmp_path)
    assert capsys.readouterr().out == ""


def test_a_mistyped_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It is not taken for a wish to write."""
    assert docs.main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_page_is_clean_text(name: str) -> None:
    """No trailing space, no double empty line at the end, one newline last."""
    text = docs.PAGES[name]()
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    """To a file beside it, and to a heading there or of its own."""
    for target in set(re.findall(r"\]\(([^)]+)\)", docs.PAGES[name]())):
        beside, _, heading = target.partition("#")
        page = (docs.ROOT / name).parent / beside if beside else docs.ROOT / name
        assert page.exists()
        assert not heading or heading in _headings(page.read_text(encoding="utf-8"))


def _headings(page: str) -> set[str]:
    """As links name them."""
    return {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE)}


def test_the_diagrams_page_has_every_state_and_every_row() -> None:
    """A small diagram for each state, and the whole table."""
    page = docs.PAGES["docs/state-diagram.md"]()
    assert page.count("```mermaid") == len(State)
    assert all(f"### {state.value.capitalize()}\n" in page for state in State)
    table = page.partition("## The whole table")[2]
    assert sum(line.startswith("| `") for line in table.splitlines()) == len(TABLE)


def test_the_troubleshooting_page_has_every_case_under_its_heading() -> None:
    """In the catalogue's order."""
    headings = re.findall(r"^##+ (.+)$", docs.PAGES["docs/troubleshooting.md"](), re.MULTILINE)
    assert headings == [name for heading, cases in HEADINGS.items() for name in (heading, *(case.id for case in cases))]
    assert set(CASES) <= set(headings)


def test_the_troubleshooting_page_names_commands_as_they_are_typed() -> None:
    """No placeholder is left over, and options belong to their command."""
    page = docs.PAGES["docs/troubleshooting.md"]()
    assert re.findall(r"\{\w+\}", page) == []
    assert "`signedin login --again`" in page
