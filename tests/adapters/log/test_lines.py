"""What a line may hold, and what is withheld from it."""

import base64
import math
from enum import Enum

import pytest

from signedin.secret import Secret
from signedin.states import Flag, State
from signedin_adapters.log.lines import FIELDS, MAX_ITEMS, WITHHELD, keep_allowed, level_of

TEXTS = [name for name, shape in FIELDS.items() if shape is not None]


def kept(**fields: object) -> dict[str, object]:
    return keep_allowed(None, "info", fields)


def test_a_field_that_nobody_allowed_is_dropped() -> None:
    """Whatever it holds."""
    assert kept(email="ada@example.com", body="…", status=200) == {"status": 200}


def test_the_order_is_always_the_same() -> None:
    """Lines can be read by eye and compared as text."""
    assert list(kept(**{"to": "connected", "seq": 1, "from": "refreshing"})) == ["seq", "from", "to"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", "connected"),
        ("trigger", "TokenRefreshed"),
        ("case", "api-401-loop"),
        ("code", "subscription_sharing_workplace_individual_usage_limit_exceeded"),
        ("event", "connection.transition"),
        ("kind", "proxy-auth"),
        ("kind", "ValueError"),
        ("method", "POST"),
        ("host", "auth.openai.com"),
        ("host", "[::1]"),
        ("request_id", "req_0123456789abcdef0123456789abcdef"),
        ("app", "3d-notes"),
        ("app", "acme-1a2b3c4d"),
        ("os", "Darwin 24.6.0"),
        ("os", "Linux 6.1.0-28-amd64"),
        ("python", "3.14.0rc2+"),
        ("case", None),
        ("in_doubt", True),
        ("seconds", 0.25),
        ("markers", ["ssh", "container"]),
        ("flags", []),
    ],
)
def test_what_is_of_the_shape_stays_as_it_is(field: str, value: object) -> None:
    """The words, numbers and names that a diagnosis needs."""
    assert kept(**{field: value}) == {field: value}


def test_states_and_flags_are_written_as_their_words() -> None:
    """A set has no order of its own, so it gets one."""
    flags = frozenset({Flag.PLAN_ENABLED, Flag.IN_DOUBT})
    assert kept(to=State.CONNECTED, flags=flags) == {"to": "connected", "flags": ["in_doubt", "plan_enabled"]}


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "value",
    [
        "ada@example.com",
        "https://id.example/cb?code=abc&state=def",
        "The token was refused.",
        "line\nbreak",
        "\x1b[31m",
        "\u202e",
        "x" * 200,
        "q8Vn3_tZ" * 26,
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ." + base64.urlsafe_b64encode(b"signature" * 8).decode(),
        Secret("canary"),
        b"bytes",
        object(),
        {"a": "b"},
    ],
    ids=[
        "email",
        "url",
        "sentence",
        "break",
        "escape",
        "bidi",
        "long",
        "token",
        "jwt",
        "secret",
        "bytes",
        "object",
        "map",
    ],
)
def test_no_text_field_takes_what_must_not_be_written(field: str, value: object) -> None:
    """Not even where a caller puts it there by mistake."""
    assert kept(**{field: value}) == {field: WITHHELD}
    assert kept(**{field: [value]}) == {field: [WITHHELD]}


@pytest.mark.parametrize("field", ["code", "reason", "case", "outcome", "endpoint", "event", "kind"])
@pytest.mark.parametrize(
    "value",
    [
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "9f86d081884c7d659a2feaa0c55ad015",
        "a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    ],
)
def test_a_word_is_no_random_text(field: str, value: str) -> None:
    """A verifier, a code or a key of any usual spelling does not pass for a word."""
    assert kept(**{field: value}) == {field: WITHHELD}


@pytest.mark.parametrize("field", sorted(set(FIELDS) - set(TEXTS)))
def test_a_number_is_no_text(field: str) -> None:
    """A field for numbers takes no word at all."""
    assert kept(**{field: "word"}) == {field: WITHHELD}


def test_numbers_that_json_does_not_have_are_null() -> None:
    """A credential that never runs out has no time that could be written."""
    assert kept(expires_at=math.inf, seconds=math.nan, status=2**60) == {
        "expires_at": None,
        "status": None,
        "seconds": None,
    }


def test_a_list_is_bounded() -> None:
    """A line stays short, whatever it is given."""
    assert kept(flags=["a"] * 1000) == {"flags": ["a"] * MAX_ITEMS}


class Stranger(Enum):
    """An Enum whose value is none of ours."""

    VALUE = "Not a word!"


def test_an_enum_is_judged_by_its_value() -> None:
    """Being an Enum makes nothing safe."""
    assert kept(kind=Stranger.VALUE) == {"kind": WITHHELD}


@pytest.mark.parametrize(
    ("event", "fields", "level"),
    [
        ("connection.transition", {"case": None}, "info"),
        ("connection.transition", {"case": "offline"}, "warning"),
        ("effect.refresh", {}, "info"),
        ("http.answered", {"status": 200}, "debug"),
    ],
)
def test_the_level_follows_from_the_line(event: str, fields: dict[str, object], level: str) -> None:
    """Callers choose none."""
    assert level_of(event, fields) == level
