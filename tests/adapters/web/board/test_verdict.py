"""What a play came to, in words that are true of the case that was chosen."""

from pathlib import Path

import pytest
from tests.support.logged import Logged

from signedin import events as ev
from signedin.cases import CASES
from signedin_adapters.web.board.plays import play_of
from signedin_adapters.web.board.verdict import verdict


@pytest.mark.parametrize(
    ("chosen", "judged"),
    [
        ("refresh-token-reused", "diagnose names exactly this case."),
        ("stale-snapshot-saved", "diagnose names refresh-token-reused, and this as one reason for it."),
    ],
)
def test_a_reason_is_not_said_to_be_named_itself(tmp_path: Path, chosen: str, judged: str) -> None:
    """It looks like its case, so that is what a log can say."""
    case = CASES[chosen]
    log = Logged(tmp_path).connected().then(ev.RefreshRequested).then(ev.RefreshRejected, case="refresh-token-reused")
    assert verdict(case, play_of(case), str(log.path))["judged"] == judged
