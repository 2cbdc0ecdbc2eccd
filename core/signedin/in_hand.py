"""Owns `InHand`: a session that is given out without a second thought, and for how long that may go on.

Most calls for a token want nothing else. Shapes only: `Account.offer` makes it, and any step of the account ends it.
"""

from dataclasses import dataclass

from signedin.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """Good from `since` until `due_at` by the wall clock, Unix seconds, and until `look_at` in monotonic ones.

    Then it is time to see what other processes did.
    """

    session: Session
    since: float
    due_at: float
    look_at: float
