"""The invented people who can sign in, and the workspaces they belong to.

Owns the cast. Nobody here exists at a provider: the addresses are under example.com (RFC 2606 §3).
"""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be chosen on the sign-in page."""

    id: str
    name: str
    email: str
    workspaces: tuple[str, ...]

    @property
    def initials(self) -> str:
        """The first letters of the name, for the picture."""
        return "".join(word[0] for word in self.name.split())

    def workspace_id(self, workspace: str) -> str:
        """What tokens and requests call one of the workspaces; always the same."""
        return str(uuid5(NAMESPACE_URL, f"https://example.com/{self.id}/{workspace}"))


PEOPLE: dict[str, Person] = {
    person.id: person
    for person in (
        Person(
            id="ada",
            name="Ada Lovelace",
            email="ada@example.com",
            workspaces=("Personal", "Analytical Engines"),
        ),
        Person(id="grace", name="Grace Hopper", email="grace@example.com", workspaces=("Personal", "Compilers")),
        Person(id="emmy", name="Emmy Noether", email="emmy@example.com", workspaces=("Personal",)),
    )
}


def person_by_email(email: str) -> Person | None:
    """Whom a ``login_hint`` means, or None."""
    return next((person for person in PEOPLE.values() if person.email == email), None)
