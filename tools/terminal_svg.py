"""Owns the picture of a terminal: a transcript of plain lines as an SVG, light or dark as the reader's system is.

It dresses a few words by what they are (a command, a heading, a status, a state) and changes none.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

CHARACTER, LINE = 8.4, 20
"""The size of one character cell, in units of the picture; the font is 14 high."""
MARGIN, BAR = 20, 34

_DRESS = re.compile(
    r"^(?P<prompt>\$ )(?P<command>.+)"
    r"|^(?P<heading>\d+  \S.*)"
    r"|^ *(?P<good>[123]\d\d)(?= +[A-Z]+ +/)"
    r"|^ *(?P<bad>[45]\d\d|---)(?= +[A-Z]+ +/)"
    r"|(?P<well>→ Connected)"
    r"|(?P<ill>→ (?:Expired|Error))"
    r"|(?P<way>→ \w+)"
    r"|(?P<quiet>\b[A-Z]{8,}\b)"
)
_STYLE = """
  .terminal { --paper: #f6f8fa; --ink: #1f2328; --quiet: #656d76; --edge: #d0d7de;
    --good: #1a7f37; --bad: #cf222e; --accent: #0969da; }
  @media (prefers-color-scheme: dark) { .terminal { --paper: #0d1117; --ink: #e6edf3; --quiet: #9198a1;
    --edge: #3d444d; --good: #3fb950; --bad: #ff7b72; --accent: #58a6ff; } }
  .terminal .paper { fill: var(--paper); stroke: var(--edge); }
  .terminal .light { fill: var(--edge); }
  .terminal text { fill: var(--ink); white-space: pre;
    font: 14px ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
  .terminal .heading, .terminal .command { font-weight: 700; }
  .terminal .prompt, .terminal .quiet { fill: var(--quiet); }
  .terminal .good, .terminal .well { fill: var(--good); }
  .terminal .bad, .terminal .ill { fill: var(--bad); }
  .terminal .way { fill: var(--accent); }
"""


def terminal_svg(lines: Sequence[str], *, title: str = "A terminal") -> str:
    """The lines as a picture, as wide as the longest of them. Tabs and control characters are not for it."""
    width = 2 * MARGIN + round(max((len(line) for line in lines), default=0) * CHARACTER)
    height = BAR + LINE * len(lines) + MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="terminal" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10"/>',
        *(f'<circle class="light" cx="{MARGIN + 16 * number}" cy="18" r="5"/>' for number in range(3)),
        *(drawing for number, line in enumerate(lines) for drawing in _line(line.rstrip(), BAR + LINE * number + 14)),
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def _line(line: str, y: int) -> Iterator[str]:
    for column, words, dress in _dressed(line):
        if words.strip():
            lead = len(words) - len(words.lstrip())
            x, words = MARGIN + (column + lead) * CHARACTER, words.strip()
            dressed = f' class="{dress}"' if dress else ""
            yield (
                f'<text{dressed} x="{x:g}" y="{y}" textLength="{len(words) * CHARACTER:g}" '
                f'lengthAdjust="spacingAndGlyphs">{escape(words)}</text>'
            )


def _dressed(line: str) -> Iterator[tuple[int, str, str]]:
    """The line's pieces: where each begins, what it says, and its class."""
    end = 0
    for found in _DRESS.finditer(line):
        for dress in (name for name, words in found.groupdict().items() if words):
            yield end, line[end : found.start(dress)], ""
            yield found.start(dress), found[dress], dress
            end = found.end(dress)
    yield end, line[end:], ""
