"""Owns how a QR code looks in a terminal: two rows of modules to a line, with a quiet zone around. Pure."""

from collections.abc import Iterable

QUIET_MODULES = 2
"""Of the four that ISO/IEC 18004 asks for; cameras do with two, and terminals are small."""

_GLYPHS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def rows(text: str) -> tuple[str, ...]:
    """The lines of the code for `text`, to be drawn dark on light, whatever colours are around it."""
    import segno

    modules = list(segno.make_qr(text, error="l").matrix_iter(border=QUIET_MODULES))
    light = bytes(len(modules))  # the number of rows is odd
    return tuple(_row(upper, lower) for upper, lower in zip(modules[::2], [*modules[1::2], light], strict=True))


def _row(upper: Iterable[int], lower: Iterable[int]) -> str:
    return "".join(_GLYPHS[pair] for pair in zip(upper, lower, strict=True))
