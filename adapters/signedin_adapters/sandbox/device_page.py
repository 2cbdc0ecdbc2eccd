"""The pages of a device flow: where people type the code, and what they see once they have decided.

A code that came with the address is filled in, and still has to be confirmed (RFC 8628 §3.3.1, §5.4).
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signedin_adapters.sandbox.forms import read_own_form
from signedin_adapters.sandbox.page import page, text
from signedin_adapters.sandbox.parts import Part
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.sign_in_page import sign_in_page


class DevicePage:
    """Serves a part's page for codes."""

    def __init__(self, realm: Realm, part: Part) -> None:
        self._realm = realm
        self._path = part.device_page
        self.routes = [
            Route(self._path, self.show, methods=["GET"]),
            Route(self._path, self.typed, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page, with the code of the address in its field."""
        return _code_page(self._path, request.query_params.get("user_code", ""))

    async def typed(self, request: Request) -> Response:
        """A code was typed: the sign-in page of the one who waits for it, or the same page again."""
        fields = await read_own_form(request)
        device = self._realm.devices.typed(fields.get("user_code", ""))
        if device is None or device.request.part.device_page != self._path:
            request.state.note = "unknown code"
            return _code_page(self._path, fields.get("user_code", ""), wrong=True)
        request.state.note = "code typed"
        return sign_in_page(self._realm.attempts.begin(device.request, device=device))


def decided_page(name: str, *, allowed: bool) -> Response:
    """The end: the device learns the rest by itself."""
    said = "is signed in now" if allowed else "was not let in"
    body = f"""<div class="card">
<h1>{"Done" if allowed else "Denied"}</h1>
<p>{text(name)} {said}. You can close this page and go back to where you began.</p>
</div>"""
    return page("Done" if allowed else "Denied", body)


def _code_page(path: str, user_code: str, *, wrong: bool = False) -> Response:
    wrongly = '<p class="bad" role="alert">Nobody waits for this code. It may have run out.</p>\n' if wrong else ""
    body = f"""<div class="card">
<h1>Connect a device</h1>
<p class="soft">Go on only if you began this sign-in yourself, and the code is the one that you see there.</p>
{wrongly}<form method="post" action="{text(path)}">
<fieldset>
<label class="label" for="user-code">Code</label>
<input id="user-code" type="text" name="user_code" value="{text(user_code)}" maxlength="20" required autocomplete="off">
</fieldset>
<div class="row even">
<button class="main">Continue</button>
</div>
</form>
</div>"""
    return page("Connect a device", body, status=400 if wrong else 200)
