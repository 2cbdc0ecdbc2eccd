"""The sign-in page, which is the account selector of a returning app too."""

from starlette.responses import Response

from signedin_adapters.sandbox.attempts import Attempt
from signedin_adapters.sandbox.page import page, text
from signedin_adapters.sandbox.people import PEOPLE, Person

SIGN_IN = "/api/accounts/sign-in"
"""Where its form is sent, whichever part asks."""


def sign_in_page(attempt: Attempt) -> Response:
    """Choose who signs in; one click."""
    lead = "asks you to sign in" if attempt.request.registration is None else "asks you to sign in again"
    people = "".join(f"<li>{_button(person)}</li>\n" for person in _hinted_first(attempt.request.login_hint))
    body = f"""<div class="card">
<h1>Choose an account</h1>
<p class="soft"><strong>{text(attempt.request.name)}</strong> {lead}. These people are invented; no password is
asked.</p>
<form method="post" action="{SIGN_IN}">
<input type="hidden" name="attempt" value="{text(attempt.id)}">
<ul class="people">
{people}</ul>
</form>
</div>"""
    return page("Choose an account", body, form_target=attempt.request.redirect_origin)


def _hinted_first(login_hint: str) -> list[Person]:
    return sorted(PEOPLE.values(), key=lambda person: person.email != login_hint)


def _button(person: Person) -> str:
    return (
        f'<button class="person" name="person" value="{text(person.id)}">'
        f'<span class="initials" aria-hidden="true">{text(person.initials)}</span>'
        f'<span><span class="name">{text(person.name)}</span>'
        f'<span class="soft small">{text(person.email)}</span></span></button>'
    )
