"""The parser of server-sent events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin.responses.event_stream import MAX_EVENT_BYTES, EventParser, OversizedEvent, ServerSentEvent


def parsed(*pieces: bytes) -> list[ServerSentEvent]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)]


def message(data: bytes, name: str = "message") -> ServerSentEvent:
    return ServerSentEvent(name=name, data=data)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end_of_the_standard_ends_a_line(end: bytes) -> None:
    """CR, LF and CRLF alike."""
    raw = end.join([b"event: greeting", b"data: one", b"data: two", b"", b""])
    assert parsed(raw) == [message(b"one\ntwo", "greeting")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_it_does_not_matter_where_the_stream_is_cut(end: bytes) -> None:
    """Each byte a piece of its own gives the same events, also where a CRLF is cut in two."""
    raw = end.join([b"data: one", b"", b"event: x", b"data:two", b"", b""])
    assert parsed(*(raw[i : i + 1] for i in range(len(raw)))) == parsed(raw) == [message(b"one"), message(b"two", "x")]


def test_comments_ids_and_unknown_fields_are_passed_over() -> None:
    """A keep-alive is no event."""
    assert parsed(b": ping\n\nid: 7\nretry: 5\nshoe: 43\ndata: x\n\n") == [message(b"x")]


def test_one_blank_after_the_colon_belongs_to_the_syntax() -> None:
    """A second one is data; a field without a colon is empty."""
    assert parsed(b"data:  x\ndata\n\n") == [message(b" x\n")]


def test_an_event_without_data_is_none() -> None:
    """Its name does not stick to the next one."""
    assert parsed(b"event: lost\n\ndata: x\n\n") == [message(b"x")]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    """Only there: later it is data."""
    assert parsed(b"\xef\xbb\xbfdata: x\n\n") == [message(b"x")]


def test_what_is_unfinished_at_the_end_is_dropped() -> None:
    """An event counts once its blank line came."""
    assert parsed(b"data: x\n") == []


@pytest.mark.parametrize("raw", [b"data: " + b"x" * MAX_EVENT_BYTES, b"data: xxxxxxx\n" * (MAX_EVENT_BYTES // 8 + 1)])
def test_an_event_beyond_the_limit_is_refused(raw: bytes) -> None:
    """As one line that never ends, or as lines that never end."""
    with pytest.raises(OversizedEvent):
        parsed(*(raw[i : i + 65536] for i in range(0, len(raw), 65536)))


def test_the_end_of_a_large_event_and_the_beginning_of_the_next_may_come_together() -> None:
    """What was given out is not counted any more."""
    large = b"data: " + b"x" * (MAX_EVENT_BYTES * 2 // 3)
    assert len(parsed(large + b"\n", b"\n" + large, b"\n\n")) == 2


def test_a_long_stream_of_small_events_is_no_large_event() -> None:
    """The limit is an event's, not the stream's."""
    assert len(parsed(*[b": keep-alive\n" * 5000 + b"data: x\n\n"] * 30)) == 30


EVENTS = st.lists(
    st.tuples(
        st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), min_size=1, max_size=9).filter(str.strip),
        st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=20), min_size=1, max_size=4),
    ),
    max_size=5,
)


@given(EVENTS, st.sampled_from(["\n", "\r", "\r\n"]), st.lists(st.integers(0, 200), max_size=8))
def test_what_was_written_is_read(events: list[tuple[str, list[str]]], end: str, cuts: list[int]) -> None:
    """Whatever the data, the line ends and the cuts are."""
    lines = [line for name, data in events for line in (f"event: {name}", *(f"data: {part}" for part in data), "")]
    raw = "".join(line + end for line in lines).encode()
    edges = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    pieces = [raw[a:b] for a, b in pairwise(edges)]
    assert parsed(*pieces) == [message("\n".join(data).encode(), name) for name, data in events]


@given(st.lists(st.binary(max_size=50) | st.sampled_from([b"\n", b"\r", b"data:", b"event:", b"\xef\xbb\xbf"])))
def test_anything_at_all_is_read_without_an_error_and_the_same_however_cut(pieces: list[bytes]) -> None:
    """Noise gives events or none."""
    assert parsed(*pieces) == parsed(b"".join(pieces))
