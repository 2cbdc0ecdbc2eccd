"""The way through a log: however its lines are mixed, cut into files, packed or spelled, they say the same."""

import gzip
import json
import random
import subprocess
from pathlib import Path

import pytest
from tests.support.command import SIGNEDIN
from tests.support.judged import judged
from tests.support.logged import Logged, changed, written

from signedin import events as ev
from signedin.states import Flag, State
from signedin_adapters.diagnosis import Diagnosis, diagnose, find, sources, sweep


def troubled(directory: Path, number: int, chance: random.Random) -> list[bytes]:
    """A process that is mostly well, with an account that others have too."""
    logged = Logged(directory, str(number), account=str(number % 3), now=2e9 + number).connected()
    for _ in range(chance.randrange(60, 120)):
        match chance.randrange(24):
            case 0:
                logged.failed(chance.choice(["offline", "provider-outage"]))
            case 1:
                logged.then(ev.ApiUnauthorized, generation=logged.context.generation)
            case 2:
                logged.then(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit")
            case 3:
                logged.beside("call.failed", call="api-get", case="scopes-missing")
            case _:
                logged.refreshed()
    return logged.lines


def damaged(lines: list[bytes], number: int, chance: random.Random) -> list[bytes]:
    """Of every fourth a line is missing, of every fourth a step cannot be, every fourth has lost its beginning."""
    place = chance.randrange(20, len(lines))
    match number % 4:
        case 0:
            return lines[:place] + lines[place + 1 :]
        case 1:
            return [*lines[:place], changed(lines[place], to="expired"), *lines[place + 1 :]]
        case 2:
            return lines[10:]
        case _:
            return lines


def mixed(lives: list[list[bytes]], chance: random.Random) -> list[bytes]:
    """The lines of all, each process's in their order."""
    left, lines = [list(life) for life in lives], list[bytes]()
    while left := [life for life in left if life]:
        lines.append(chance.choice(left).pop(0))
    return lines


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A log of eight processes with three accounts."""
    chance, directory = random.Random(5), tmp_path_factory.mktemp("lives")
    lives = [damaged(troubled(directory, number, chance), number, chance) for number in range(8)]
    return mixed(lives, chance)


@pytest.fixture(scope="module")
def whole(lines: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Diagnosis:
    """What is said of it where it is one file."""
    found = judged(tmp_path_factory.mktemp("whole"), lines)
    assert {case.id for case in found.cases} >= {"offline", "provider-outage", "usage-limit-hit", "scopes-missing"}
    assert any(run.illegal for run in found.runs)
    assert any(run.cut for run in found.runs)
    return found


def test_every_line_looked_at_says_what_few_of_them_say(lines: list[bytes], whole: Diagnosis, tmp_path: Path) -> None:
    """Lines of another spelling are never plain: each of them is read and judged."""
    spelled = [json.dumps(json.loads(line)).encode() for line in lines]
    assert judged(tmp_path, spelled) == whole


@pytest.mark.parametrize(("block", "blocks"), [(97, 1), (1024, 3), (1 << 20, 1)])
def test_it_matters_not_where_a_block_ends(
    lines: list[bytes], whole: Diagnosis, tmp_path: Path, block: int, blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor how often what is kept is thinned out."""
    monkeypatch.setattr(sources, "BLOCK", block)
    monkeypatch.setattr(sweep, "BLOCKS", blocks)
    assert judged(tmp_path, lines) == whole


def rotated(lines: list[bytes], directory: Path) -> list[str]:
    """Three files, the older ones packed."""
    third = len(lines) // 3
    for name, part in (
        ("log.2.gz", lines[:third]),
        ("log.1.gz", lines[third : 2 * third]),
        ("log", lines[2 * third :]),
    ):
        data = b"".join(line + b"\n" for line in part)
        (directory / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return sources.rotated(str(directory / "log"))


def test_it_matters_not_how_a_log_was_rotated(lines: list[bytes], whole: Diagnosis, tmp_path: Path) -> None:
    """And packed."""
    assert diagnose(find(rotated(lines, tmp_path))) == whole


def test_it_matters_not_whether_it_is_piped(lines: list[bytes], tmp_path: Path) -> None:
    """Packed or not."""
    path = written(tmp_path / "log", lines)

    def said(name: str, piped: bytes = b"") -> bytes:
        command = [SIGNEDIN, "diagnose", "--json", "--timeline", name]
        return subprocess.run(command, input=piped, capture_output=True, check=True).stdout

    data = path.read_bytes()
    assert said(str(path)) == said("-", data) == said("-", gzip.compress(data))


def test_a_line_that_was_torn_is_none(tmp_path: Path) -> None:
    """Though it begins as a plain one does; what it told is missing."""
    logged = Logged(tmp_path).connected().refreshed().refreshed()
    torn = [*logged.lines[:-2], logged.lines[-2][:-9], logged.lines[-1]]
    found = judged(tmp_path, torn)
    (run,) = found.runs
    assert (found.skipped, found.records, len(run.cut), run.final_state) == (1, len(torn) - 1, 1, State.CONNECTED)
