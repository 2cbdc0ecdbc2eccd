"""The query of an authorize request, and the two ways of refusing it.

A client or redirect_uri that is not good, or a state that cannot be sent back, is refused on a page and never
redirected (RFC 6749 §4.1.2.1). Anything else goes back to the app. Owns the rules that hold for every part.
"""

import re
from collections.abc import Iterable, Sequence

from signedin_adapters.sandbox.refusals import PageRefusal, RedirectRefusal

Rule = tuple[bool, str, str]
"""Whether it is kept; else the error code and its description."""

_REDIRECT_URI = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})(/[A-Za-z0-9._~/-]*)")
_CODE_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class AuthorizeQuery:
    """The parameters, which may stand there twice; an empty one counts as left out (RFC 6749 §3.1)."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.fields = dict(pairs)
        self.repeated = {name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1}

    def get(self, name: str) -> str:
        """The value, or an empty string."""
        return self.fields.get(name, "")

    @property
    def scopes(self) -> frozenset[str]:
        """What is asked for."""
        return frozenset(self.get("scope").split())

    def demand_once(self, *names: str) -> None:
        """Refuse on a page where one of these is not there exactly once."""
        for name in names:
            if name in self.repeated or not self.get(name):
                raise PageRefusal("invalid_request", f"{name} must be given exactly once.")

    def refuse_broken(self, *rules: Rule) -> None:
        """Tell the app of the first rule that is broken; those of every part come first."""
        for kept, code, description in (*self._always(), *rules, *self._proof()):
            if not kept:
                redirect_uri, state = self.get("redirect_uri"), self.get("state")
                raise RedirectRefusal(code, description, redirect_uri=redirect_uri, state=state)

    def _always(self) -> Iterable[Rule]:
        yield not self.repeated, "invalid_request", "No parameter may be repeated."
        yield self.get("response_type") == "code", "unsupported_response_type", "response_type must be code."

    def _proof(self) -> Iterable[Rule]:
        """RFC 7636 §4.3, §4.4.1."""
        method, challenge = self.get("code_challenge_method"), self.get("code_challenge")
        yield method == "S256", "invalid_request", "code_challenge_method must be S256."
        good = _CODE_CHALLENGE.fullmatch(challenge) is not None
        yield good, "invalid_request", "code_challenge must be 43 characters of unpadded base64url."


def redirectable(redirect_uri: str) -> bool:
    """Whether it is a literal loopback address with a port and a path (RFC 8252 §7.3)."""
    match = _REDIRECT_URI.fullmatch(redirect_uri)
    return match is not None and int(match[1]) <= 65535
