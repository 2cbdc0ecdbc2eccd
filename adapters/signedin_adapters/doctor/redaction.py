"""Owns what a text says in place of what names this user: the home, the accounts, their addresses."""

import os
from typing import Any, cast

from signedin_adapters.doctor.patient import Patient

HOME = "$SIGNEDIN_HOME"


def short(text: str) -> str:
    """The text with this user's home as a shell writes it."""
    home = os.path.expanduser("~")
    return text if home in ("~", os.sep) else text.replace(home + os.sep, f"~{os.sep}")


class Redaction:
    """What to say of one patient to others."""

    def __init__(self, patient: Patient) -> None:
        accounts = patient.facts.accounts
        names = (name for account in accounts for name in (account.email, account.label) if name and "@" in name)
        self._replaced = {
            patient.paths.home: HOME,
            **{account.id: f"ACCOUNT-{number}" for number, account in enumerate(accounts, start=1)},
            **dict.fromkeys(names, "ADDRESS"),
        }

    def of(self, answer: Any) -> Any:
        """An object of JSON, with every text in it as others may read it."""
        if isinstance(answer, str):
            return self._of_text(answer)
        if isinstance(answer, dict):
            return {name: self.of(value) for name, value in cast(dict[str, object], answer).items()}
        if isinstance(answer, list | tuple):
            return [self.of(item) for item in cast(list[object], answer)]
        return answer

    def _of_text(self, text: str) -> str:
        for name, replacement in self._replaced.items():
            text = text.replace(name, replacement)
        return short(text)
