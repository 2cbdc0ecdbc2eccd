"""Owns what the browser is shown: small, whole pages that load nothing, run nothing and cannot be framed.

No text reaches a page unescaped, and nothing that came in over the wire reaches one at all.
"""

import re
from html import escape
from secrets import token_urlsafe
from typing import Literal

from signedin_adapters.loopback.exchange import Answer
from signedin_adapters.unshown import UNSHOWN

Mood = Literal["done", "failed", "note"]

_HYPHENATED = re.compile(r"\b\w{1,8}-\w{1,8}\b")
"""Words that a headline must not break, "sign-in" above all."""

_MARKS: dict[Mood, str] = {
    "done": '<path d="M15.5 25 l6 6 L33 18.5"/>',
    "failed": '<path d="M24 14.5 V26"/><path d="M24 33 v.2"/>',
    "note": '<path d="M24 22.5 V34"/><path d="M24 15.2 v.2"/>',
}

_STYLE = """
:root{--ground:#f6f5f2;--card:#fff;--ink:#1f2328;--quiet:#5d646c;--line:#e4e1da;--tone:#4a6580;--tint:#eaeff4}
.done{--tone:#2c7a51;--tint:#e6f3ec}
.failed{--tone:#a8521a;--tint:#faeee4}
@media (prefers-color-scheme:dark){
:root{--ground:#15171a;--card:#1d2024;--ink:#e8e8e5;--quiet:#a3a9b0;--line:#2c3036;--tone:#8fb0d0;--tint:#222d38}
.done{--tone:#6cc495;--tint:#1b3227}
.failed{--tone:#eda169;--tint:#38281c}}
*{box-sizing:border-box;margin:0}
body{min-height:100vh;min-height:100svh;display:grid;place-items:center;padding:24px;background:var(--ground);
color:var(--ink);font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{width:100%;max-width:460px;padding:44px 40px 32px;border:1px solid var(--line);border-radius:20px;
background:var(--card);text-align:center;box-shadow:0 1px 2px rgb(0 0 0/.04),0 16px 40px -16px rgb(0 0 0/.14)}
svg{display:block;width:64px;height:64px;margin:0 auto 24px;fill:none;stroke:var(--tone);stroke-width:3.2;
stroke-linecap:round;stroke-linejoin:round}
circle{fill:var(--tint);stroke:none}
h1{font-size:25px;line-height:1.25;font-weight:650;letter-spacing:-.012em;text-wrap:balance;overflow-wrap:anywhere}
h1 span{white-space:nowrap}
p{margin-top:12px;color:var(--quiet);text-wrap:pretty;overflow-wrap:anywhere}
footer{margin-top:32px;padding-top:20px;border-top:1px solid var(--line);color:var(--quiet);font-size:14px;
overflow-wrap:anywhere}
footer b{display:block;color:var(--ink);font-weight:600}
@media (max-width:480px){main{padding:36px 24px 24px}}
@media (forced-colors:active){svg{stroke:CanvasText}circle{fill:Canvas}}
""".strip().replace("\n", "")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · {app_name}</title>
<style nonce="{nonce}">{style}</style>
</head>
<body>
<main class="{mood}">
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="24"/>{mark}</svg>
<h1>{headline}</h1>
<p>{text}</p>
<footer><b>{app_name}</b> You can close this tab.</footer>
</main>
</body>
</html>
"""


class Pages:
    """The pages of one sign-in, all naming the app that asked for it."""

    def __init__(self, app_name: str) -> None:
        self._app_name = app_name

    def show(self, status: int, mood: Mood, title: str, text: str, *headers: tuple[str, str]) -> Answer:
        """A page with one mark, one headline and one paragraph."""
        nonce = token_urlsafe(16)
        body = _PAGE.format(
            title=_shown(title),
            headline=_HYPHENATED.sub(r"<span>\g<0></span>", _shown(title)),
            text=_shown(text),
            app_name=_shown(self._app_name),
            mood=mood,
            mark=_MARKS[mood],
            nonce=nonce,
            style=_STYLE,
        )
        return Answer(status=status, headers=(*_headers(nonce), *headers), body=body.encode())

    def outcome(self, *, ok: bool, title: str, text: str) -> Answer:
        """How the sign-in ended."""
        return self.show(200, "done" if ok else "failed", title, text)

    def rejected(self) -> Answer:
        """A callback that is not this attempt's."""
        return self.show(
            400,
            "note",
            "This is not the sign-in that is waiting",
            f"This tab may belong to an earlier try. {self._app_name} is still waiting: finish in the newest tab.",
        )

    def used(self) -> Answer:
        """A callback after the one that was accepted."""
        return self.show(
            400,
            "note",
            "This sign-in was already used",
            f"Its answer came once and counts once. {self._app_name} says how it ended.",
        )

    def idle(self) -> Answer:
        """An address at which nothing waits."""
        text = f"If you were signing in, go back to {self._app_name}."
        return self.show(404, "note", "Nothing is waiting here", text)


def plain(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    """A short answer for programs, and for those who ask too often."""
    return Answer(status=status, headers=(*_headers(), *headers), body=f"{text}\n".encode())


def redirect(location: str) -> Answer:
    """On to `location` with a GET, leaving no trace of this address there (RFC 9110 §15.4.4)."""
    return plain(303, f"On to {location}", ("Location", location))


def _headers(nonce: str | None = None) -> tuple[tuple[str, str], ...]:
    kind, style = ("html", f"'nonce-{nonce}'") if nonce else ("plain", "'none'")
    policy = f"default-src 'none'; style-src {style}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    return (
        ("Content-Type", f"text/{kind}; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    )


def _shown(text: str) -> str:
    return escape(UNSHOWN.sub("", text))
