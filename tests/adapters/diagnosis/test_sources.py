"""What is read: files plain and packed, folders and bundles, whole and damaged."""

import gzip
import zipfile
from pathlib import Path

import pytest
from tests.support.logged import Logged, written

from signedin.errors import MisuseError
from signedin_adapters import bundle
from signedin_adapters.diagnosis import blocks, diagnose, find, sources
from signedin_adapters.diagnosis.sources import logs_in, rotated


@pytest.fixture
def logged(tmp_path: Path) -> Logged:
    """A process that had trouble once."""
    return Logged(tmp_path, now=2e9).connected().failed().refreshed().refreshed()


def told(*paths: Path) -> tuple[int, list[str], list[bool]]:
    """How many lines were judged, which cases they name, which runs are broken."""
    found = diagnose(find([str(path) for path in paths]))
    broken = [bool(run.illegal or run.cut) for run in found.runs]
    return found.records, [case.id for case in found.cases], broken


def test_packed_logs_say_what_plain_ones_do(logged: Logged, tmp_path: Path) -> None:
    """Known by what is in them, whatever they are called."""
    data = logged.path.read_bytes()
    packed, zipped = tmp_path / "packed", tmp_path / "zipped"
    packed.write_bytes(gzip.compress(data))
    with zipfile.ZipFile(zipped, "w") as file:
        file.writestr("anything.jsonl", data)
    expected = len(logged.lines), ["provider-outage"], [False]
    assert told(logged.path) == told(packed) == told(zipped) == expected


def test_rotated_files_may_be_named_in_any_order(logged: Logged, tmp_path: Path) -> None:
    """They are read in the order of their first lines."""
    lines = logged.lines
    parts = [lines[:3], lines[3:5], lines[5:]]
    paths = [written(tmp_path / f"log.jsonl.{2 - number}", part) for number, part in enumerate(parts)]
    assert told(paths[2], paths[0], paths[1]) == (len(lines), ["provider-outage"], [False])


def test_a_folder_stands_for_its_logs(logged: Logged, tmp_path: Path) -> None:
    """And for nothing else that lies in it: a key is no log."""
    folder = tmp_path / "folder"
    folder.mkdir()
    lines = logged.lines
    written(folder / "signedin.jsonl", lines[4:])
    (folder / "signedin.jsonl.1.gz").write_bytes(gzip.compress(b"\n".join(lines[:4]) + b"\n"))
    for name in ("key", "lock"):
        (folder / name).write_bytes(b"x" * 32)
    assert [Path(name).name for name in logs_in(str(folder))] == ["signedin.jsonl", "signedin.jsonl.1.gz"]
    assert told(folder) == (len(lines), ["provider-outage"], [False])


@pytest.mark.parametrize("name", ["mine", "mine.jsonl"])
def test_a_log_has_its_rotated_files_with_it(tmp_path: Path, name: str) -> None:
    """Packed or not, the oldest first; what is only called alike is another's."""
    for suffix in ("", ".1", ".2.gz", ".10", ".lock", ".old", "2.jsonl", ".1.gz.part"):
        (tmp_path / f"{name}{suffix}").touch()
    (tmp_path / f"{name}.3").mkdir()
    found = rotated(str(tmp_path / name))
    assert [Path(path).name for path in found] == [f"{name}.10", f"{name}.2.gz", f"{name}.1", name]
    assert rotated(str(tmp_path / "nowhere" / name)) == []


def bundled(path: Path, files: dict[str, bytes], listed: dict[str, bytes] | None = None) -> Path:
    """A bundle of these files; `listed` is what its manifest says of them."""
    made = bundle.manifest(files if listed is None else listed, made_at="2026-11-23T09:00:00Z", version="0.1.0")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
        file.writestr(bundle.MANIFEST, made.text())
    return path


def test_a_bundle_is_read(logged: Logged, tmp_path: Path) -> None:
    """Its logs, and not what else it holds."""
    files = {"log/signedin.jsonl": logged.path.read_bytes(), "doctor.json": b'{"checks": []}\n'}
    found = diagnose(find([str(bundled(tmp_path / "report.zip", files))]))
    assert (found.records, found.skipped, found.troubles) == (len(logged.lines), 0, ())


def test_a_bundle_that_is_not_what_it_says_is_told(logged: Logged, tmp_path: Path) -> None:
    """It is read all the same."""
    files = {"log/signedin.jsonl": logged.path.read_bytes()}
    found = diagnose(find([str(bundled(tmp_path / "report.zip", files, {"log/signedin.jsonl": b"{}"}))]))
    assert found.records == len(logged.lines)
    (trouble,) = found.troubles
    assert trouble.endswith("is not what the manifest says.")


def test_what_is_packed_ends_somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes that claim to be a great many take neither time nor memory."""
    monkeypatch.setattr(sources, "EXPANDED", 1 << 20)
    packed = tmp_path / "bomb.gz"
    packed.write_bytes(gzip.compress(b"0" * (8 << 20)))
    found = diagnose(find([str(packed)]))
    assert (found.records, found.skipped) == (0, 1)
    assert "more than 1048576 bytes" in found.troubles[0]


@pytest.mark.parametrize("keep", [12, 60, 200])
def test_what_is_damaged_is_read_as_far_as_it_goes(logged: Logged, tmp_path: Path, keep: int) -> None:
    """And said to be."""
    packed = tmp_path / "log.gz"
    packed.write_bytes(gzip.compress(logged.path.read_bytes(), mtime=0)[:keep])
    found = diagnose(find([str(packed)]))
    assert "is damaged" in found.troubles[0]


@pytest.mark.parametrize("start", [b"PK\x03\x04 and no more", b"\x1f\x8b\x08\x00"])
def test_what_only_looks_packed_is_no_error(tmp_path: Path, start: bytes) -> None:
    """Nothing is found in it."""
    path = tmp_path / "file"
    path.write_bytes(start)
    found = diagnose(find([str(path)]))
    assert (found.records, len(found.troubles)) == (0, 1)


def test_a_file_that_there_is_not_is_the_callers_mistake(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(MisuseError, match=r"nope.*No such file"):
        find([str(tmp_path / "nope")])


def test_a_line_may_lie_across_blocks(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a block ends."""
    for size in (1, 7, 300):
        monkeypatch.setattr(sources, "BLOCK", size)
        assert told(logged.path) == (len(logged.lines), ["provider-outage"], [False])


def test_a_line_that_is_too_long_costs_nothing_but_itself(
    logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is skipped whole, also where it goes on for many blocks."""
    monkeypatch.setattr(sources, "BLOCK", 1024)
    lines = [logged.lines[0], b"x" * 9000, *logged.lines[1:], b"y" * (blocks.MAX_LINE + 1)]
    found = diagnose(find([str(written(tmp_path / "long.log", lines))]))
    assert (found.records, found.skipped) == (len(logged.lines), 2)


def test_a_last_line_without_its_end_is_read(logged: Logged, tmp_path: Path) -> None:
    """Somebody may have pasted it."""
    path = tmp_path / "pasted.log"
    path.write_bytes(logged.path.read_bytes().rstrip(b"\n"))
    assert told(path)[0] == len(logged.lines)
