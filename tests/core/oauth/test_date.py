"""What an answer's date says about two clocks: all three forms are read, and nothing that is sent can break it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.oauth import date
from signedin.oauth.messages import Response

AT = 784111777.0
NOW = "Sun, 06 Nov 1994 08:49:37 GMT"


def answered(value: str = NOW, **headers: str) -> Response:
    """An answer of that date."""
    return Response(status=200, headers={"date": value, **headers})


@pytest.mark.parametrize("value", [NOW, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
def test_every_form_of_a_date_is_read(value: str) -> None:
    """The preferred one and the two that are obsolete (RFC 9110 §5.6.7)."""
    assert date.read(value) == AT


@pytest.mark.parametrize("value", [None, "", "soon", "0", "Sun, 06 Nov", "Sun, 99 Nov 1994 08:49:37 GMT"])
def test_nonsense_is_no_date(value: str | None) -> None:
    """And no error."""
    assert date.read(value) is None


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} Nov [0-9]{1,7} [0-9]{2}:[0-9]{2}:[0-9]{2} [+A-Z0-9]{0,6}"))
def test_any_text_is_read_or_is_no_date(value: str) -> None:
    """Reading is total."""
    assert date.read(value) is None or isinstance(date.read(value), float)


@pytest.mark.parametrize(
    ("sent_at", "received_at", "ahead"),
    [
        (AT - 7200, AT - 7200 + 2, 7198.0),
        (AT + 7200, AT + 7200 + 2, -7200.0),
        (AT, AT, 0.0),
        (AT - 1, AT + 1, 0.0),
    ],
)
def test_the_skew_is_by_how_much_the_server_is_ahead(sent_at: float, received_at: float, ahead: float) -> None:
    """Never more than the two times of ours make certain."""
    assert date.skew(answered(), sent_at=sent_at, received_at=received_at) == ahead


def test_an_answer_that_was_slow_is_no_skew() -> None:
    """Nor is one that was read after the machine had slept."""
    assert date.skew(answered(), sent_at=AT - 1, received_at=AT + 7200) == 0.0


@pytest.mark.parametrize("step", [-7200.0, 7200.0])
def test_a_clock_that_is_put_right_meanwhile_is_not_blamed(step: float) -> None:
    """The time that fits the date better counts."""
    assert date.skew(answered(), sent_at=AT - step, received_at=AT - 1) == 1.0


def test_an_answer_without_a_date_says_nothing() -> None:
    """Nor does one whose date cannot be read."""
    assert date.skew(Response(status=200), sent_at=AT, received_at=AT) is None
    assert date.skew(answered("soon"), sent_at=AT, received_at=AT) is None


def test_an_answer_out_of_a_cache_says_nothing() -> None:
    """Its date is that of an earlier answer (RFC 9111 §5.1)."""
    assert date.skew(answered(age="900"), sent_at=AT + 900, received_at=AT + 900) is None
