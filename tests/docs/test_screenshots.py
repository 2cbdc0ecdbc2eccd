"""The pictures of the page are there, are small, and show nothing that is gone."""

from pathlib import Path

import pytest
from tools import screenshots

LARGEST = 120_000
"""Bytes."""


def test_every_picture_is_there_and_small() -> None:
    """Bytes differ with the machine's fonts, and are not compared."""
    assert screenshots.missing(screenshots.ROOT) == []
    assert [name for name in screenshots.names() if (screenshots.ROOT / name).stat().st_size > LARGEST] == []


def test_no_picture_is_left_over() -> None:
    """A state that is gone leaves none behind."""
    there = {str(path.relative_to(screenshots.ROOT)) for path in screenshots.ROOT.glob("docs/images/web-*.png")}
    assert there == set(screenshots.names())


def test_a_missing_picture_is_named_with_its_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check fails, and takes none."""
    assert screenshots.main(["--check"], tmp_path) == 1
    assert "docs/images/web-connected.png is not there: run `make docs`\n" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_mistyped_option_is_refused() -> None:
    """It is not taken for a wish to write."""
    assert screenshots.main(["--chekc"]) == 2
