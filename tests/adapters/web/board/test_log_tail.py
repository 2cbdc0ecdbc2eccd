"""Lines are told as they are written, whole and once."""

from pathlib import Path

from tests.support.recorded import Recorded

from signedin_adapters.web.board.log_tail import LogTail, TailedLog


def test_each_line_is_told_once_and_whole(tmp_path: Path) -> None:
    """Half a line waits for its other half."""
    told, path = list[str](), tmp_path / "log"
    tail = LogTail(str(path), told.append)
    tail.look()
    for more, expected in [(b"one\ntw", ["one"]), (b"", ["one"]), (b"o\nthree\n", ["one", "two", "three"])]:
        with path.open("ab") as file:
            file.write(more)
        tail.look()
        assert told == expected


def test_a_log_is_written_before_it_is_looked_at(tmp_path: Path) -> None:
    """The line goes where it went before, and what it is made of is told."""
    log, wrote = Recorded(), list[tuple[str, object]]()
    tailed = TailedLog(log, LogTail(str(tmp_path / "log"), lambda _: None), lambda *line: wrote.append(line))
    tailed.write("run.started", app="acme")
    assert log.lines == wrote == [("run.started", {"app": "acme"})]
