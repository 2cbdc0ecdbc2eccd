"""The consent page: workspace, the app's name, and whether it may use the plan."""

from starlette.responses import Response

from signedin_adapters.sandbox.attempts import Attempt
from signedin_adapters.sandbox.page import page, text
from signedin_adapters.sandbox.people import Person


def consent_page(attempt: Attempt) -> Response:
    """Allow, with or without plan use, or deny. The attempt must hold the person who was chosen."""
    person, registration = attempt.person, attempt.request.registration
    assert person is not None  # noqa: S101 - the endpoint lets nobody here before
    name = attempt.request.agent_name_hint if registration is None else registration.agent_name
    workspace = person.workspaces[0] if registration is None else registration.workspace
    body = f"""<div class="card">
<h1>Let {text(name)} in?</h1>
<p class="soft">Signed in as {text(person.name)}, {text(person.email)}.</p>
<form method="post" action="/api/accounts/consent">
<input type="hidden" name="attempt" value="{text(attempt.id)}">
<fieldset>
<legend>Workspace</legend>
{_workspaces(person, workspace, only=registration is not None)}</fieldset>
<fieldset>
<label class="label" for="agent-name">Name of this app in your settings</label>
<input id="agent-name" type="text" name="agent_name" value="{text(name)}" maxlength="100" required autocomplete="off">
</fieldset>
<fieldset>
<legend>What it gets</legend>
<p class="soft small">Your name and e-mail address, and staying signed in.</p>
<label class="choice"><input type="checkbox" name="allow_plan" value="yes" checked>
<span>Use my plan<br><span class="soft small">Requests count against your plan. Without this the app only learns who you
are.</span></span></label>
</fieldset>
<div class="row even">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</div>
</form>
</div>"""
    return page("Allow access", body, form_target=attempt.request.redirect_origin)


def _workspaces(person: Person, chosen: str, *, only: bool) -> str:
    """The choices; a registration is bound to the workspace of its first sign-in."""
    names = (chosen,) if only else person.workspaces
    return "".join(
        f'<label class="choice"><input type="radio" name="workspace" value="{text(name)}"'
        f"{' checked' if name == chosen else ''}><span>{text(name)}</span></label>\n"
        for name in names
    )
