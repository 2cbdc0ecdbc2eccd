"""PKCE."""

import re

from signedin.oauth.pkce import challenge, new_verifier
from signedin.secret import Secret


def test_the_challenge_is_that_of_rfc_7636() -> None:
    """Appendix B's own example."""
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_verifier_is_256_bits_in_43_characters_and_never_the_same() -> None:
    """RFC 7636 §4.1 and §7.1."""
    verifiers = {new_verifier().reveal() for _ in range(200)}
    assert len(verifiers) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier) for verifier in verifiers)


def test_randomness_can_be_given() -> None:
    """The source is asked for 32 bytes."""
    assert new_verifier(lambda size: f"{size} bytes").reveal() == "32 bytes"
