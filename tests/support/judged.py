"""What a diagnosis says of lines, as tests ask for it."""

from collections.abc import Iterable
from pathlib import Path

from tests.support.logged import written

from signedin_adapters.diagnosis import Diagnosis, diagnose, find


def judged(directory: Path, lines: Iterable[bytes]) -> Diagnosis:
    """The diagnosis of a log of these lines."""
    return diagnose(find([str(written(directory / "judged.log", list(lines)))]))


def named(found: Diagnosis) -> dict[str, bool]:
    """The cases by their ids: whether they are active."""
    return {case.id: case.active for case in found.cases}
