"""What JSON is believed, and that everything else is one error."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.oauth.strict_json import MAX_BYTES, MAX_DEPTH, MalformedJson, parse, parse_object

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)

REFUSED = {
    "empty": b"",
    "not UTF-8": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "duplicate name": b'{"a":1,"a":2}',
    "duplicate name inside": b'[{"a":{"b":1,"b":1}}]',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "overflowing number": b'{"a":1e400}',
    "huge integer": b"[" + b"9" * 5000 + b"]",
    "too deep": b"[" * 40 + b"]" * 40,
    "very deep": b"[" * 100_000,
    "very deep object": b'{"a":' * 100_000,
    "lone surrogate": b'{"a":"\\ud800"}',
    "lone surrogate as a name": b'{"\\udfff":1}',
    "trailing text": b"{} x",
    "too large": b'"' + b"a" * MAX_BYTES + b'"',
    "HTML": b"<html></html>",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_two_readers_could_read_differently_is_refused(name: str) -> None:
    """Each of these is MalformedJson, and the message does not quote it."""
    with pytest.raises(MalformedJson) as caught:
        parse(REFUSED[name])
    assert len(str(caught.value)) < 40


def test_surrogate_pairs_and_the_last_allowed_level_are_read() -> None:
    """An escaped emoji is one character; 32 levels are allowed."""
    assert parse(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_an_object_is_asked_for_by_name() -> None:
    """A list is JSON, but no object."""
    assert parse_object(b'{"a":[1,2.5,true,null]}') == {"a": [1, 2.5, True, None]}
    with pytest.raises(MalformedJson):
        parse_object(b"[]")


@given(JSON_VALUES)
def test_what_json_writes_is_read_back(value: object) -> None:
    """Every ordinary value survives."""
    assert parse(json.dumps(value).encode()) == value


@given(st.binary() | st.text(alphabet='{}[]",:0123456789eE+-.\\ud8tfn ').map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No other error ever comes out."""
    with suppress(MalformedJson):
        parse(body)
