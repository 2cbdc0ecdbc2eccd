"""Owns `Case`: the shape of one trouble."""

from dataclasses import dataclass

from signedin.states import Category, Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One trouble: what it is called, what it means, and the one next step.

    `category` says who can end it. `action` is the next step for a program: one of `sign_in enable_plan choose_model
    open_url unlock_store wait ask_admin update none`. `exit_code` is the command line's. `flag` is what it raises, if
    anything.
    """

    id: str
    category: Category
    exit_code: int
    action: str
    flag: Flag | None = None
    title: str
    meaning: str
    remedy: str
