"""The wire ledger names tests and faults that exist, and leaves none of the sandbox's faults without a row."""

import re
from pathlib import Path

import pytest

from signedin_adapters.sandbox.faults import FAULTS

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\| (?P<id>[A-Z]+-[0-9]+) \|(?P<cells>.*)\|")
SOURCES = {"adapters": ("sandbox", "providers", "loopback"), "core": ("oauth", "responses")}


def rows() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (ROOT / "docs" / "wire.md").read_text().splitlines():
        if row := ROW.fullmatch(line):
            assert row["id"] not in found, f"{row['id']} is there twice"
            found[row["id"]] = [cell.strip() for cell in row["cells"].split("|")]
    return found


ROWS = rows()


@pytest.mark.parametrize("id_", ROWS)
def test_a_row_is_whole(id_: str) -> None:
    """What, source, date, status, sandbox rule and test: an assumption without one of them cannot be kept."""
    what, source, date, status, rule, _ = ROWS[id_]
    assert what
    assert source
    assert rule
    assert re.fullmatch(r"2026-[0-9]{2}(-[0-9]{2})?", date)
    assert status in ("documented", "seen live", "guessed")
    assert (status == "documented") <= (source != "–")


@pytest.mark.parametrize("id_", ROWS)
def test_the_test_that_a_row_names_exists(id_: str) -> None:
    """A renamed test takes its row along."""
    reference = re.fullmatch(r"`([a-z]+)/([a-z_]+)::([a-z0-9_]+)`", ROWS[id_][-1])
    assert reference is not None
    folder, file, name = reference.groups()
    side = next(side for side, folders in SOURCES.items() if folder in folders)
    text = (ROOT / "tests" / side / folder / f"{file}.py").read_text()
    assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE)


def test_every_fault_of_the_sandbox_has_a_row() -> None:
    """What can be made to go wrong is something that the ledger assumes, and it names nothing else."""
    named = {word for cells in ROWS.values() for word in re.findall(r"`([a-z0-9-]+)`", cells[4])}
    general = {"next-503", "callback-wrong-state"}
    assert set(FAULTS) - general <= named
