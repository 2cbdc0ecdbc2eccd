"""The bundle: what gets into it, and what keeps it from being written."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from secrets import token_urlsafe

import pytest

from signedin.errors import MisuseError
from signedin_adapters import bundle as manifests
from signedin_adapters.doctor import bundle
from signedin_adapters.doctor.bundle import SecretFound

LINE = {"schema": 1, "run": "33a44b76ee93c7c0", "seq": 0, "at": "2026-11-23T02:07:55.570229Z", "event": "run.started"}


def log_of(directory: Path, *lines: bytes) -> str:
    """A log with these lines."""
    path = directory / "signedin.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(path)


def gathered(path: str) -> list[dict[str, object]]:
    """The lines that get into the bundle."""
    return [json.loads(line) for line in bundle.gather({}, path)["log/signedin.jsonl"].splitlines()]


def test_each_line_of_the_log_is_allowed_again_field_by_field(tmp_path: Path) -> None:
    """What is in no table is left out, what has another shape is withheld, and what is no line of ours is not there."""
    odd = LINE | {"access_token": token_urlsafe(32), "code": "Not A Word", "request_id": "A" * 20}
    path = log_of(tmp_path, b"no json", b"[1]", b'{"schema":7}', json.dumps(odd).encode(), b"x" * 10_000)
    assert gathered(path) == [LINE | {"code": "withheld", "request_id": "withheld"}]


def test_rotated_files_come_along_by_their_numbers(tmp_path: Path) -> None:
    """Under one name, whatever the log is called here."""
    path = log_of(tmp_path, json.dumps(LINE).encode())
    Path(f"{path}.1").write_text(json.dumps(LINE | {"seq": 1}) + "\n")
    assert set(bundle.gather({}, path)) == {"log/signedin.jsonl", "log/signedin.jsonl.1"}


def test_packed_files_come_along_unpacked(tmp_path: Path) -> None:
    """A log may have any name."""
    path = tmp_path / "mine"
    path.write_text(json.dumps(LINE | {"seq": 1}) + "\n")
    line = json.dumps(LINE, separators=(",", ":")).encode() + b"\n"
    Path(f"{path}.1.gz").write_bytes(gzip.compress(line))
    files = bundle.gather({}, str(path))
    assert (set(files), files["log/signedin.jsonl.1"]) == ({"log/signedin.jsonl", "log/signedin.jsonl.1"}, line)


def test_one_find_and_there_is_no_bundle() -> None:
    """The error says where it stands and what it looks like."""
    secret = f"rt_{token_urlsafe(32)}"
    with pytest.raises(SecretFound, match=r"doctor.json, line 2: a token or a key") as caught:
        bundle.gather({"doctor": {"finding": secret}}, None)
    assert secret not in str(caught.value)


def test_the_manifest_tells_what_is_in_the_zip() -> None:
    """As `diagnose` reads it."""
    files = bundle.gather({"versions": {"signedin": "1"}}, None)
    with zipfile.ZipFile(io.BytesIO(bundle.packed(files))) as zipped:
        made = manifests.read(zipped.read(manifests.MANIFEST))
        assert made is not None
        assert [(file.name, file.bytes) for file in made.files] == [
            ("versions.json", len(zipped.read("versions.json")))
        ]


def test_no_file_is_written_over(tmp_path: Path) -> None:
    """Unless that is asked for; nobody else may read what is written."""
    path = tmp_path / "report.zip"
    bundle.write(str(path), b"first", force=False)
    with pytest.raises(MisuseError, match="--force"):
        bundle.write(str(path), b"second", force=False)
    assert path.read_bytes() == b"first"
    path.chmod(0o644)
    bundle.write(str(path), b"third", force=True)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"third", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_takes_no_file_is_told(tmp_path: Path) -> None:
    """In one sentence."""
    with pytest.raises(MisuseError, match="cannot be written"):
        bundle.write(str(tmp_path / "nowhere" / "report.zip"), b"", force=True)
