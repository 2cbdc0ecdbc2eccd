"""Owns `Case`: the shape of one trouble, and of what it does to the connection."""

from dataclasses import dataclass
from typing import Literal

from signedin.states import Category, Flag, State

Page = Literal["connections", "manage"]
"""A page of the provider's: what is signed in with the account, or what the plan gives and is used for."""
Kind = Literal["observed", "candidate", "advice"]
"""How a case is known. A signal decides what is observed. A candidate is one reason for its parent, which looks the
same from here. Advice is never decided: it answers what people ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The step that carries the case: an event of `signedin.events`, where it is taken, and where it can lead.

    `to` is empty where the state stays. Several places are told apart by the table's guards.
    """

    event: str
    sources: tuple[State, ...]
    to: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One trouble: what it is called, what it means, and the one next step.

    `parent` is the case that it is a candidate for or a variant of. `category` says who can end it. `action` is the
    next step for a program: one of `sign_in enable_plan choose_model open_url unlock_store wait ask_admin update none`.
    `exit_code` is the command line's. `flag` is what it raises, if anything; without `move` the state stays.
    `page` is the provider's page that the remedy speaks of, and that `open_url` opens; its address: `Provider.address`.

    `meaning` says what is wrong, `signal` what shows it, `by_itself` what is done without anybody, "" for nothing.
    `seen` names reports of it, `owner/repository#number` or a page's title; it is empty for what we found ourselves.
    """

    id: str
    kind: Kind = "observed"
    parent: str | None = None
    category: Category
    exit_code: int
    action: str
    flag: Flag | None = None
    move: Move | None = None
    page: Page | None = None
    title: str
    meaning: str
    signal: str = ""
    by_itself: str = ""
    remedy: str
    seen: tuple[str, ...] = ()
