"""The frame of every page: the banner that says what this is, and the headers that keep it to itself.

Whatever comes from a request goes through `text` before it becomes HTML.
"""

from html import escape

from starlette.responses import HTMLResponse, Response

from signedin_adapters.sandbox.refusals import PageRefusal
from signedin_adapters.sandbox.style import STYLE, STYLE_SOURCE

BANNER = "signedin sandbox — a stand-in, nothing leaves this machine"


def text(value: object) -> str:
    """The value as text inside HTML, attributes included."""
    return escape(str(value), quote=True)


def page(title: str, body: str, *, status: int = 200, wide: bool = False, form_target: str = "") -> Response:
    """A whole page; ``form_target`` is the app's origin, to which a form may redirect in the end."""
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{text(title)} · signedin sandbox</title>
<style>{STYLE}</style>
</head>
<body>
<p class="banner" role="note">{BANNER}</p>
<main{' class="wide"' if wide else ""}>
{body}
</main>
</body>
</html>
"""
    return HTMLResponse(html, status_code=status, headers=_headers(form_target))


def refusal_page(refusal: PageRefusal) -> Response:
    """What people see where a redirect would not be safe."""
    body = f"""<div class="card">
<h1>This sign-in cannot go on</h1>
<p class="bad">{text(refusal.description)}</p>
<p class="soft small">The app was not told. Error code: <code>{text(refusal.code)}</code></p>
</div>"""
    return page("Refused", body, status=refusal.status)


def _headers(form_target: str) -> dict[str, str]:
    # Browsers hold form-action against the redirect that follows a post, so the app's origin must be in it.
    policy = (
        f"default-src 'none'; style-src {STYLE_SOURCE}; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_target}"
    )
    return {
        "content-security-policy": policy.strip(),
        "cross-origin-opener-policy": "same-origin",
        # Not no-referrer: with that, browsers send "Origin: null" even to the page's own server.
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
