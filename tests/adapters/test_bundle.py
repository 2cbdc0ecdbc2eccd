"""The manifest of a bundle: what is written is read again, and nothing else is believed."""

import hashlib
import json

import pytest

from signedin_adapters import bundle


def test_a_manifest_is_read_as_it_was_written() -> None:
    """Each file with its digest and its length."""
    made = bundle.manifest({"log/signedin.jsonl": b"{}\n"}, made_at="2026-11-23T09:00:00Z", version="0.1.0")

    assert bundle.read(made.text()) == made
    (file,) = made.files
    assert (file.sha256, file.bytes) == (hashlib.sha256(b"{}\n").hexdigest(), 3)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"schema":2,"made_at":"","version":"","files":[]}',
        b'{"schema":1,"made_at":"","version":"","files":[{"name":1,"sha256":"","bytes":0}]}',
        b'{"schema":1,"made_at":"","version":"","files":[{"name":"a"}]}',
        b'{"schema":1,"made_at":"","version":"","files":{},"more":1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_manifest_of_ours_is_none(text: bytes) -> None:
    """Another program's, a newer version's, nonsense."""
    assert bundle.read(text) is None


def test_its_keys_are_fixed() -> None:
    """Others read it too."""
    text = bundle.manifest({}, made_at="2026-11-23T09:00:00Z", version="0.1.0").text()
    assert json.loads(text) == {"schema": 1, "made_at": "2026-11-23T09:00:00Z", "version": "0.1.0", "files": []}
