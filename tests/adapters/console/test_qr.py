"""QR codes out of characters."""

import pytest
import segno

from signedin_adapters.console import qr

ADDRESSES = [
    "https://id.example/device",
    "https://id.example/device?user_code=WDJB-MJHT",
    "https://id.example/device?" + "x" * 80,
]


def modules(rows: tuple[str, ...]) -> list[list[bool]]:
    """What a camera sees: each character is two modules, one above the other."""
    upper, lower = {"▀", "█"}, {"▄", "█"}
    return [[glyph in dark for glyph in row] for row in rows for dark in (upper, lower)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_characters_are_the_code(address: str) -> None:
    """Module for module, with a quiet zone of two all around."""
    seen = modules(qr.rows(address))
    expected = segno.make_qr(address, error="l").matrix_iter(border=2)
    assert all(row == list(map(bool, wanted)) for row, wanted in zip(seen, expected, strict=False))
    assert not any(seen[0] + seen[1] + seen[-1] + seen[-2])
    assert not any(cell for row in seen for cell in (*row[:2], *row[-2:]))


def test_all_rows_are_equally_wide() -> None:
    """A colour behind them makes a rectangle."""
    rows = qr.rows(ADDRESSES[0])
    assert {len(row) for row in rows} == {29}
    assert len(rows) == 15
