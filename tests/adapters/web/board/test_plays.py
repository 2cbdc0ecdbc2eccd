"""Every case of the catalogue on the board: what is played, and what `diagnose` makes of the log of just that."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from signedin.cases import CASES, Case, candidates
from signedin_adapters.sandbox import FAULTS
from signedin_adapters.web.board import plays
from signedin_adapters.web.board.performance import perform
from signedin_adapters.web.board.plays import play_of
from signedin_adapters.web.board.reel import Reel

pytestmark = pytest.mark.timeout(180)  # all plays together take longer than one test may

OWN = [case.id for case in CASES.values() if play_of(case).case is case]
"""What is played as itself."""
AT_ONCE = 8
ALSO = {"refresh-interrupted": {"request-timeout-ambiguous"}}
"""What the log names besides, because it came on the way: an answer has to be lost before it is known to be."""
UNNAMED = ("unseen", "well")


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One play as the board shows it."""

    told: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What happened of this kind, in order."""
        return [happening for happening in self.told if happening["kind"] == kind]

    @property
    def verdict(self) -> dict[str, Any]:
        """What it came to."""
        (verdict,) = self.of("verdict")
        return verdict


@pytest.fixture(scope="module")
def all_played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Played]]:
    """All plays, a few at a time; nothing of them is left."""
    scratch = tmp_path_factory.mktemp("scratch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(scratch))
        for pauses in ("KEYS_PAUSES", "REVOCATION_PAUSES"):
            patch.setattr(f"signedin.authorization_server.{pauses}", (0.0, 0.0))
        yield anyio.run(_play_all)
    assert list(scratch.iterdir()) == []


async def _play_all() -> dict[str, Played]:
    found, limiter = dict[str, Played](), anyio.CapacityLimiter(AT_ONCE)

    async def play(case: Case) -> None:
        async with limiter:
            reel = Reel()
            await perform(case, reel)
            found[case.id] = Played(told=[happening async for happening in reel.read()])

    async with anyio.create_task_group() as tasks:
        for id_ in OWN:
            tasks.start_soon(play, CASES[id_])
    return found


@pytest.fixture
def played(all_played: dict[str, Played], case_id: str) -> Played:
    """The play of the test's case."""
    return all_played[case_id]


@pytest.mark.parametrize("case_id", OWN)
def test_diagnose_names_the_case_that_was_played(played: Played, case_id: str) -> None:
    """From the log of this play alone; nothing where nothing went wrong, or only looking sees it."""
    named = {found["id"] for found in played.verdict["diagnosis"]}
    if play_of(CASES[case_id]).how in UNNAMED:
        assert named == set()
    else:
        assert named == {case_id, *ALSO.get(case_id, ())}
    assert played.verdict["exact"] == (case_id not in ALSO)


@pytest.mark.parametrize("case_id", [id_ for id_ in OWN if play_of(CASES[id_]).how not in UNNAMED])
def test_a_line_of_the_log_names_it(played: Played, case_id: str) -> None:
    """It is one of those that were told as they were written."""
    assert played.verdict["line"] in [line["text"] for line in played.of("line")]


@pytest.mark.parametrize("case_id", [id_ for id_ in OWN if CASES[id_].move and play_of(CASES[id_]).how != "table"])
def test_the_step_that_carries_it_is_told(played: Played, case_id: str) -> None:
    """So that the board can light it, also where it was taken before anybody could listen."""
    assert case_id in [step["case"] for step in played.of("transition")]


@pytest.mark.parametrize("case_id", plays.FAULTS)
def test_what_the_sandbox_can_bring_about_is_met_for_real(played: Played) -> None:
    """It was asked, and nothing was told from the table."""
    assert played.of("request")
    assert played.verdict["how"] == "sandbox"


@pytest.mark.parametrize("case_id", plays.STAND_INS)
def test_what_a_stand_in_brings_about_is_met_by_the_app(played: Played, case_id: str) -> None:
    """As the error that its caller gets."""
    assert played.of("refusal")[-1]["case"] == case_id
    assert "stand-in" in played.verdict["says"]


@pytest.mark.parametrize("case_id", [id_ for id_ in OWN if play_of(CASES[id_]).how == "table"])
def test_what_nobody_can_play_takes_the_catalogues_own_step(played: Played, case_id: str) -> None:
    """On a scratch account, without asking anybody; the board says so."""
    move, steps = CASES[case_id].move, played.of("transition")
    assert "Shown from the table: no server can play this." in played.verdict["says"]
    assert played.of("request") == []
    if move is None:
        assert steps == []
    else:
        step = steps[-1]
        assert (step["trigger"], step["case"]) == (move.event, case_id)
        assert step["source"] in [state.value for state in move.sources]
        assert step["state"] in [state.value for state in move.to] or not move.to


def test_no_secret_is_told(all_played: dict[str, Played]) -> None:
    """Not even the stand-in's."""
    assert not re.search(r"eyJ|rt_|ac_|\bsk-sandbox|state=|code=", str([played.told for played in all_played.values()]))


@pytest.mark.parametrize("case_id", [case.id for case in CASES.values() if case.kind == "candidate"])
def test_a_candidate_shows_what_it_looks_like(case_id: str) -> None:
    """Its parent, which is what can be observed."""
    case = CASES[case_id]
    assert play_of(case).case.id == case.parent


async def test_a_candidate_has_its_place_in_the_list() -> None:
    """Beside what its parent's play came to."""
    reasons, reel = candidates("keyring-denied"), Reel()
    await perform(reasons[0], reel)
    *_, verdict = [happening async for happening in reel.read()]
    assert verdict["place"].endswith(f"it is reason 1 of {len(reasons)} for that.")
    assert (verdict["chosen"]["id"], verdict["played"]["id"]) == (reasons[0].id, "keyring-denied")


def test_each_fault_of_the_sandbox_is_on_the_board() -> None:
    """Where it plays what can be observed, the sandbox plays it here too."""
    observed = {fault.case for fault in FAULTS.values() if fault.case and CASES[fault.case].kind == "observed"}
    assert observed - set(plays.FAULTS) == set()


def test_no_case_is_played_twice_or_unknown() -> None:
    """What is renamed in the catalogue is renamed here."""
    tables = [set(plays.FAULTS), set(plays.HERE), set(plays.STAND_INS), set(plays.UNSEEN)]
    assert set().union(*tables) <= set(CASES)
    assert sum(map(len, tables)) == len(set().union(*tables))


def test_a_scratch_home_is_not_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is the log, nor the store that a variable names."""
    home = tmp_path / "home"
    for name, value in {"SIGNEDIN_HOME": str(home), "SIGNEDIN_STORE": "keyring", "SIGNEDIN_LOG": "off"}.items():
        monkeypatch.setenv(name, value)
    reel = Reel()
    anyio.run(perform, CASES["session-ended"], reel)
    assert not home.exists()
