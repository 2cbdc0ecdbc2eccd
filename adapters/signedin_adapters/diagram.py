"""Owns the picture of the machine: six states and the ways between them that people ask about, as one SVG.

It draws what the table says and decides nothing: each way names the event that makes it, and a test holds every way to
a row. README, docs and a live page show the same picture; a page lights up a state or a way by giving the class
`current` to `#state-connected`, `#way-connected-refreshing` and their like. No element has a style of its own, so that
a page whose policy allows none can show the picture beside `STYLE` as a file.
"""

from dataclasses import dataclass
from html import escape
from math import hypot
from typing import Any

from signedin import events as ev
from signedin.states import State

Point = tuple[float, float]

MEANINGS = {
    State.DISCONNECTED: "nobody is signed in on this account: never, signed out, or given up",
    State.AUTHORIZING: "one sign-in attempt runs, with a deadline and a cancel",
    State.CONNECTED: "a session is held",
    State.REFRESHING: "one redemption of the refresh token is under way, here or elsewhere",
    State.EXPIRED: "the grant is dead; only signing in again helps; the registration is kept",
    State.ERROR: "something outside the grant blocks; the credential is kept",
}
USABLE = {
    State.DISCONNECTED: "no",
    State.AUTHORIZING: "the previous session's, if there was one",
    State.CONNECTED: "yes, after a refresh if it has run out",
    State.REFRESHING: "the old access token while it lives",
    State.EXPIRED: "no",
    State.ERROR: "the old access token while it lives",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One drawn edge. `source` None stands for every state. The words lie at `label`, beside the line."""

    event: type[Any]
    source: State | None
    destination: State
    words: str
    start: Point
    end: Point
    label: Point
    anchor: str = "middle"

    @property
    def id(self) -> str:
        """What a page finds it by."""
        return f"way-{self.source.value if self.source else 'any'}-{self.destination.value}"


D, A, C = State.DISCONNECTED, State.AUTHORIZING, State.CONNECTED
R, X, E = State.REFRESHING, State.EXPIRED, State.ERROR

WIDTH, HEIGHT = 704, 652
BOX_WIDTH, BOX_HEIGHT = 190, 68
CENTRES = {D: (115, 116), A: (555, 116), X: (115, 336), C: (555, 336), E: (115, 556), R: (555, 556)}

WAYS = (
    Way(ev.SignOutRequested, None, D, "sign out, from every state", (115, 24), (115, 82), (130, 47), "start"),
    Way(ev.SignInRequested, D, A, "sign in", (210, 102), (460, 102), (335, 91)),
    Way(ev.SignInTimedOut, A, D, "cancelled or timed out", (460, 130), (210, 130), (335, 156)),
    Way(ev.SessionCommitted, A, C, "signed in", (555, 150), (555, 302), (568, 233), "start"),
    Way(ev.SignInRequested, X, A, "sign in again", (185, 302), (485, 150), (318, 220), "end"),
    Way(ev.GrantEnded, C, X, "revoked", (460, 336), (210, 336), (335, 325)),
    Way(ev.RefreshDue, C, R, "token due", (530, 370), (530, 522), (517, 453), "end"),
    Way(ev.TokenRefreshed, R, C, "refreshed", (580, 522), (580, 370), (593, 453), "start"),
    Way(ev.RefreshRejected, R, X, "grant is dead", (485, 522), (185, 370), (318, 465), "end"),
    Way(ev.RefreshFailed, R, E, "outage, token ran out", (460, 542), (210, 542), (335, 531)),
    Way(ev.RetryDue, E, R, "retry", (210, 570), (460, 570), (335, 594)),
)

STYLE = """
  .signedin { --paper: #ffffff; --ink: #1f2328; --line: #656d76; --edge: #d0d7de;
    --quiet: #eef1f4; --blue: #ddeeff; --green: #d8f3dd; --amber: #fff0c9; --red: #ffe3e0; --lit: #0969da;
    font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
  @media (prefers-color-scheme: dark) {
    .signedin { --paper: #0d1117; --ink: #e6edf3; --line: #9198a1; --edge: #3d444d;
      --quiet: #21262d; --blue: #12304f; --green: #12391f; --amber: #3f2f0a; --red: #4a1c1a; --lit: #58a6ff; } }
  .signedin .paper { fill: var(--paper); stroke: var(--edge); }
  .signedin .state rect { stroke: var(--line); stroke-width: 1.5; }
  .signedin .state .quiet { fill: var(--quiet); }
  .signedin .state .blue { fill: var(--blue); }
  .signedin .state .green { fill: var(--green); }
  .signedin .state .amber { fill: var(--amber); }
  .signedin .state .red { fill: var(--red); }
  .signedin .state .name { fill: var(--ink); font-size: 22px; font-weight: 600; }
  .signedin .token { fill: var(--ink); stroke: var(--ink); stroke-width: 1.5; }
  .signedin .token.none { fill: none; }
  .signedin .way path { fill: none; stroke: var(--line); stroke-width: 1.8; }
  .signedin .way polygon { fill: var(--line); }
  .signedin .way text { fill: var(--ink); font-size: 20px; }
  .signedin .legend { fill: var(--ink); font-size: 18px; }
  .signedin .state.current rect { stroke: var(--lit); stroke-width: 4; }
  .signedin .way.current path { stroke: var(--lit); stroke-width: 3.5; }
  .signedin .way.current polygon { fill: var(--lit); }
"""
_COLOURS = {D: "quiet", A: "blue", C: "green", R: "blue", X: "amber", E: "red"}
_TOKENS = {D: 0.0, A: 0.5, C: 1.0, R: 0.5, X: 0.0, E: 0.5}


def overview_svg(current: State | None = None, *, ways: tuple[Way, ...] = WAYS, styled: bool = True) -> str:
    """The picture, light or dark as the reader's system is. `current` is lit. Not `styled`, it is bare of `STYLE`."""
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="signedin" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-labelledby="signedin-title signedin-description">',
        '<title id="signedin-title">The six states of a connection</title>',
        f'<desc id="signedin-description">{escape(_described(ways))}</desc>',
        *((f"<style>{STYLE}</style>",) if styled else ()),
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="14"/>',
        *(_way(way) for way in ways),
        *(_state(state, lit=state is current) for state in State),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def way_of(source: State, event: str, destination: State) -> str | None:
    """The id of the drawn way that a step takes; None for one that is not drawn."""
    for way in WAYS:
        if (way.event.__name__, way.destination) == (event, destination) and way.source in (None, source):
            return way.id
    return None


def _described(ways: tuple[Way, ...]) -> str:
    """What the picture says, for who does not see it."""
    return " ".join(
        f"{way.source.name.capitalize() if way.source else 'Every state'} to {way.destination.name.capitalize()}: "
        f"{way.words}."
        for way in ways
    )


def _state(state: State, *, lit: bool) -> str:
    x, y = CENTRES[state]
    left, top = x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2
    return (
        f'<g class="state{" current" if lit else ""}" id="state-{state.value}">'
        f"<title>{escape(f'{state.name.capitalize()}: {MEANINGS[state]}. Token usable: {USABLE[state]}.')}</title>"
        f'<rect x="{left:g}" y="{top:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="12" '
        f'class="{_COLOURS[state]}"/>'
        f'<text class="name" x="{x}" y="{y + 7}" text-anchor="middle">{state.name.capitalize()}</text>'
        f"{_token(left + BOX_WIDTH - 15, top + 15, _TOKENS[state])}</g>"
    )


def _token(x: float, y: float, share: float) -> str:
    """A disc for a usable token, half a disc for an old one while it lives, nothing where there is none."""
    if not share:
        return ""
    half = f'<path class="token" d="M{x:g} {y - 6:g}a6 6 0 0 0 0 12z"/>'
    ring = f'<circle class="token{" none" if share < 1 else ""}" cx="{x:g}" cy="{y:g}" r="6"/>'
    return ring + (half if share < 1 else "")


def _way(way: Way) -> str:
    (x1, y1), (x2, y2), (x, y) = way.start, way.end, way.label
    long = hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / long, (y2 - y1) / long
    bx, by = x2 - 11 * ux, y2 - 11 * uy
    head = f"{x2:g},{y2:g} {bx - 5 * uy:.1f},{by + 5 * ux:.1f} {bx + 5 * uy:.1f},{by - 5 * ux:.1f}"
    return (
        f'<g class="way" id="{way.id}" data-event="{way.event.__name__}">'
        f'<path d="M{x1:g} {y1:g}L{bx:.1f} {by:.1f}"/><polygon points="{head}"/>'
        f'<text x="{x:g}" y="{y:g}" text-anchor="{way.anchor}">{escape(way.words)}</text></g>'
    )


def _legend() -> tuple[str, ...]:
    y = HEIGHT - 28
    return (
        _token(28, y, 1),
        f'<text class="legend" x="42" y="{y + 6}">a token to use</text>',
        _token(208, y, 0.5),
        f'<text class="legend" x="222" y="{y + 6}">an older one, while it lives</text>',
    )
