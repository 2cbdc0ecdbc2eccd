"""Reading claims: taken at their word, and never more than may be shown."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.oauth_samples import signed

from signedin.oauth.claims import Claims, first, label, segment, unverified, word
from signedin.oauth.strict_json import MalformedJson
from signedin.secret import Secret


def test_a_jwt_says_what_is_in_it_whoever_signed_it() -> None:
    """Its payload as it stands."""
    assert unverified(Secret(signed({"sub": "user-1", "exp": 7}))) == {"sub": "user-1", "exp": 7}


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.b.c", "a.b.c.d.e", "e30.W10.c2ln", signed(b"[]")])
def test_an_opaque_token_says_nothing(token: str) -> None:
    """That is no error: most of them are opaque."""
    assert unverified(Secret(token)) == {}


@given(st.text() | st.text(alphabet="eyJhbGciOiJub25lIn0.-_="))
def test_any_text_is_read_or_malformed(text: str) -> None:
    """Nothing else comes out."""
    assert isinstance(unverified(Secret(text)), dict)
    with suppress(MalformedJson):
        segment(text, 0)


def test_padding_is_put_back() -> None:
    """Base64url without it, at every length (RFC 7515 §2)."""
    for length in range(4):
        claims: Claims = {"sub": "u" * length}
        assert unverified(Secret(signed(claims))) == claims


def test_a_path_leads_through_objects() -> None:
    """All paths in the first source, then all in the next."""
    one: Claims = {"a": {"b": "deep"}, "c": "x\n"}
    two: Claims = {"c": "flat"}
    assert first(label, [("a", "b")], one, two) == "deep"
    assert first(label, [("c",), ("a", "b")], one, two) == "deep"
    assert first(label, [("c",)], one, two) == "flat"
    assert first(label, [()], one, two) is None
    assert first(label, [("a", "b", "c")], one, two) is None


def test_what_may_be_shown_is_short_and_printable() -> None:
    """A label may be in any script; a word goes into a header."""
    assert (label("Ada ✓"), word("ws-1")) == ("Ada ✓", "ws-1")
    assert word("a b") is word("ä") is word("w" * 256) is None


@pytest.mark.parametrize("value", ["", "a\x1b[2J", "\u202e", "a" * 321, 7, None, [], {}])
def test_what_is_no_such_text_is_none(value: object) -> None:
    """Whatever a server puts there."""
    assert (label(value), word(value)) == (None, None)
