"""The consent page: workspace, and for an agent the app's name and whether it may use the plan."""

from starlette.responses import Response

from signedin_adapters.sandbox.attempts import Attempt
from signedin_adapters.sandbox.page import page, text
from signedin_adapters.sandbox.parts import AGENTS, NATIVE
from signedin_adapters.sandbox.people import Person

CONSENT = "/api/accounts/consent"
"""Where the page is, and where its form is sent, whichever part asks."""


def consent_page(attempt: Attempt) -> Response:
    """Allow, with or without plan use, or deny. The attempt must hold the person who was chosen."""
    person, request = attempt.person, attempt.request
    assert person is not None  # noqa: S101 - the endpoint lets nobody here before
    body = f"""<div class="card">
<h1>Let {text(request.name)} in?</h1>
<p class="soft">Signed in as {text(person.name)}, {text(person.email)}.</p>
<form method="post" action="{CONSENT}">
<input type="hidden" name="attempt" value="{text(attempt.id)}">
{_workspace(attempt, person)}{_name(request.name) if request.part is AGENTS else ""}<fieldset>
<legend>What it gets</legend>
<p class="soft small">Your name and e-mail address, and staying signed in.</p>
{_PLAN if request.part is AGENTS else ""}</fieldset>
<div class="row even">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</div>
</form>
</div>"""
    return page("Allow access", body, form_target=request.redirect_origin)


_PLAN = """<label class="choice"><input type="checkbox" name="allow_plan" value="yes" checked>
<span>Use my plan<br><span class="soft small">Requests count against your plan. Without this the app only learns who you
are.</span></span></label>
"""


def _workspace(attempt: Attempt, person: Person) -> str:
    """The choices; a registration is bound to the workspace of its first sign-in, a native app knows none."""
    registration = attempt.request.registration
    if attempt.request.part is NATIVE:
        return ""
    chosen = person.workspaces[0] if registration is None else registration.workspace
    names = person.workspaces if registration is None else (chosen,)
    choices = "".join(
        f'<label class="choice"><input type="radio" name="workspace" value="{text(name)}"'
        f"{' checked' if name == chosen else ''}><span>{text(name)}</span></label>\n"
        for name in names
    )
    return f"<fieldset>\n<legend>Workspace</legend>\n{choices}</fieldset>\n"


def _name(name: str) -> str:
    return f"""<fieldset>
<label class="label" for="agent-name">Name of this app in your settings</label>
<input id="agent-name" type="text" name="agent_name" value="{text(name)}" maxlength="100" required autocomplete="off">
</fieldset>
"""
