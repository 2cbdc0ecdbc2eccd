"""Somebody at a browser, played over HTTP: opens the authorize URL, chooses, allows, and is sent back.

For tests, demonstrations and embedders. It follows the sandbox's own redirects and stops at the app's, which it hands
back without opening it. It submits what a browser would: the form's hidden field and the page's origin.
"""

import re
from html import unescape
from urllib.parse import urlsplit

import httpx

from signedin.testing.no_tls import no_tls

DEADLINE = 10.0
"""Seconds for each request."""


class VisitRefused(Exception):
    """The sandbox showed a refusal instead of going on; ``status`` and ``page`` say what."""

    def __init__(self, status: int, page: str) -> None:
        super().__init__(f"the sandbox answered {status}")
        self.status = status
        self.page = page


def approve_device(page_url: str, *, user_code: str, person: str, deny: bool, workspace: str | None) -> None:
    """Type a device's code at its page, sign in and decide; raises VisitRefused, also for a code that is not known."""
    with _browser(_origin(page_url)) as browser:
        answer = _submit(browser, _follow(browser, browser.get(page_url)), {"user_code": user_code})
        answer = _submit(browser, answer, {"person": person})
        _submit(browser, answer, _decision(_shown(answer).text, False, deny, workspace, None))


def visit(
    authorize_url: str, *, person: str, allow_plan: bool, deny: bool, workspace: str | None, agent_name: str | None
) -> str:
    """The URL that the browser is sent to in the end; raises VisitRefused."""
    with _browser(_origin(authorize_url)) as browser:
        answer = _follow(browser, browser.get(authorize_url))
        if isinstance(answer, httpx.Response):
            answer = _submit(browser, answer, {"person": person})
        if isinstance(answer, httpx.Response):
            answer = _submit(browser, answer, _decision(answer.text, allow_plan, deny, workspace, agent_name))
    if isinstance(answer, httpx.Response):
        raise VisitRefused(answer.status_code, answer.text)
    return answer


def _browser(origin: str) -> httpx.Client:
    return httpx.Client(verify=no_tls(), trust_env=False, timeout=DEADLINE, headers={"origin": origin})


def _follow(browser: httpx.Client, answer: httpx.Response) -> str | httpx.Response:
    """Follow redirects within the sandbox; the first that leaves it is the result."""
    while answer.is_redirect:
        target = str(answer.url.join(answer.headers["location"]))
        if _origin(target) != _origin(str(answer.url)):
            return target
        answer = browser.get(target)
    if not answer.is_success:
        raise VisitRefused(answer.status_code, answer.text)
    return answer


def _shown(answer: str | httpx.Response) -> httpx.Response:
    """The page, where a device waits and nobody is sent elsewhere."""
    assert isinstance(answer, httpx.Response)  # noqa: S101 - a device's sign-in has no redirect_uri
    return answer


def _submit(browser: httpx.Client, answer: str | httpx.Response, fields: dict[str, str]) -> str | httpx.Response:
    shown = _shown(answer)
    action = _attribute(r'<form method="post" action="([^"]*)"', shown.text)
    hidden = {"attempt": _attribute(r'name="attempt" value="([^"]*)"', shown.text)}
    return _follow(browser, browser.post(str(shown.url.join(action)), data=hidden | fields))


def _decision(
    shown: str, allow_plan: bool, deny: bool, workspace: str | None, agent_name: str | None
) -> dict[str, str]:
    fields = {
        "decision": "deny" if deny else "allow",
        "workspace": workspace or _attribute(r'name="workspace" value="([^"]*)" checked', shown),
        "agent_name": agent_name or _attribute(r'name="agent_name" value="([^"]*)"', shown),
    }
    return fields | {"allow_plan": "yes"} if allow_plan else fields


def _attribute(pattern: str, shown: str) -> str:
    match = re.search(pattern, shown)
    return unescape(match[1]) if match else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
