"""The page at ``/``: what this is, who is signed in, and buttons that make things happen.

Shows client ids, which are public, and never a token. The buttons are plain posts from this page alone.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from signedin_adapters.sandbox.forms import read_own_form
from signedin_adapters.sandbox.grants import Grant
from signedin_adapters.sandbox.page import page, text
from signedin_adapters.sandbox.parts import CODEX, NATIVE
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import PageRefusal
from signedin_adapters.sandbox.registrations import Registration

NEWEST_REQUESTS = 15


class IndexPage:
    """Serves ``/`` and the posts of its buttons."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self._buttons: dict[str, tuple[str, Callable[[], None]]] = {
            "expire": ("Expire access tokens", realm.expire_access_tokens),
            "revoke": ("Revoke everything", realm.revoke_all),
            "next-503": ("Next answer 503", lambda: realm.faults.inject("next-503")),
            "disconnect": ("Disconnect user", realm.disconnect_user),
        }
        self.routes = [
            Route("/", self.show, methods=["GET"]),
            Route("/buttons/{name}", self.press, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page."""
        cards = (self._introduction(), self._registrations(), self._grants(), self._requests())
        return page("Overview", "\n".join(f'<section class="card">\n{card}\n</section>' for card in cards), wide=True)

    async def press(self, request: Request) -> Response:
        """Do what the button says, and show the page again."""
        await read_own_form(request)
        name = request.path_params["name"]
        if name not in self._buttons:
            raise PageRefusal("invalid_request", "There is no such button.", status=404)
        label, act = self._buttons[name]
        act()
        request.state.note = label.lower()
        return RedirectResponse("/", status_code=303)

    def _introduction(self) -> str:
        buttons = "".join(
            f'<form method="post" action="/buttons/{text(name)}"><button>{text(label)}</button></form>\n'
            for name, (label, _) in self._buttons.items()
        )
        device_pages = " or ".join(f"<code>{part.device_page}</code>" for part in (CODEX, NATIVE))
        return f"""<h1>A place to try signing in</h1>
<p>This server plays the part of a provider: people who can sign in, an authorization server, and an API that answers.
Everything is in memory and invented. When it stops, all of it is gone.</p>
<p class="soft small">To sign in, run this in another terminal:</p>
<pre>signedin login --provider sandbox</pre>
<p class="soft small">It plays two more parts: provider <code>sandbox-codex</code> has one client with ports of its own,
provider <code>sandbox-native</code> is a server as the standards have it. Both know <code>--device</code>, for which
the code is typed at {device_pages}.</p>
<div class="row">
{buttons}</div>
<p class="soft small">Plan: {text(self._realm.plan)} · access tokens live {text(self._realm.access_ttl)} s ·
issuer <code>{text(self._realm.issuer)}</code>{self._armed()}</p>"""

    def _armed(self) -> str:
        armed = ", ".join(
            f"{spec.name} ({'always' if spec.times is None else f'{spec.times}×'})" for spec in self._realm.faults.armed
        )
        return f"<br>\nArmed faults: {text(armed)}" if armed else ""

    def _registrations(self) -> str:
        rows = [_registration_row(registration) for registration in self._realm.registrations.all()]
        heads = ("App", "Client id", "Person", "Workspace", "Plan use")
        return _table("Registrations", heads, rows, empty="No app has signed in yet.")

    def _grants(self) -> str:
        now = self._realm.clock()
        rows = [_grant_row(grant, now) for grant in self._realm.grants.all()]
        heads = ("App", "Person", "State", "Refreshed", "Access until (UTC)")
        return _table("Grants", heads, rows, empty="No tokens were issued yet.")

    def _requests(self) -> str:
        others = [record for record in self._realm.requests if record.path != "/"]
        rows = [
            (_clock_time(record.at), record.method, record.path, record.status or "–", record.note)
            for record in reversed(others[-NEWEST_REQUESTS:])
        ]
        return _table("Newest requests", ("At (UTC)", "Method", "Path", "Status", "What happened"), rows, empty="None.")


def _registration_row(registration: Registration) -> tuple[object, ...]:
    plan = "allowed" if registration.plan_allowed else "not allowed"
    return (
        registration.agent_name,
        registration.client_id,
        registration.person.name,
        registration.workspace,
        plan if registration.connected else "disconnected",
    )


def _grant_row(grant: Grant, now: float) -> tuple[object, ...]:
    registration = grant.registration
    newest = max(grant.access.values(), default=0)
    until = _clock_time(newest) if newest > now else "run out"
    times = f"{grant.rotations}×"
    return registration.agent_name, registration.person.name, grant.ended or "alive", times, until


def _clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def _table(title: str, heads: Iterable[str], rows: Sequence[tuple[object, ...]], *, empty: str) -> str:
    if not rows:
        return f'<h2>{text(title)}</h2>\n<p class="soft">{text(empty)}</p>'
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
    lines = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"""<h2>{text(title)}</h2>
<div class="scroll" role="region" aria-label="{text(title)}" tabindex="0"><table>
<thead><tr>{head}</tr></thead>
<tbody>
{lines}</tbody>
</table></div>"""
