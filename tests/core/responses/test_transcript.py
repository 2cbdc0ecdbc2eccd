"""What a stream of events comes to."""

import json

from hypothesis import given
from hypothesis import strategies as st

from signedin.responses.event_stream import ServerSentEvent
from signedin.responses.transcript import MAX_TEXT, Transcript


def event(kind: str, **fields: object) -> ServerSentEvent:
    return ServerSentEvent(name=kind, data=json.dumps({"type": kind, **fields}).encode())


def delta(text: str, place: int = 0) -> ServerSentEvent:
    return event("response.output_text.delta", output_index=place, delta=text)


def item(text: str, phase: str = "final_answer") -> dict[str, object]:
    return {"type": "message", "phase": phase, "content": [{"type": "output_text", "text": text}]}


def completed(*output: object) -> ServerSentEvent:
    return event("response.completed", response={"model": "m-1", "output": list(output)})


def taken(*events: ServerSentEvent) -> tuple[Transcript, list[str]]:
    transcript = Transcript()
    return transcript, [text for each in events if (text := transcript.take(each))]


def test_the_text_is_the_deltas() -> None:
    """The last event's own output may be empty."""
    transcript, texts = taken(delta("Hel"), delta("lo"), completed())
    assert (texts, transcript.text, transcript.status, transcript.model) == (["Hel", "lo"], "Hello", "completed", "m-1")


def test_nothing_but_completed_is_success() -> None:
    """A finished item and `[DONE]` are not."""
    done = event("response.output_item.done", output_index=0, item=item("Hello"))
    transcript, _ = taken(delta("Hello"), done, ServerSentEvent(name="message", data=b"[DONE]"))
    assert transcript.status == "in_progress"


def test_a_finished_item_adds_what_its_deltas_left_out() -> None:
    """Nothing comes twice."""
    done = event("response.output_item.done", output_index=0, item=item("Hello you"))
    assert taken(delta("Hello"), done, completed(item("Hello you")))[1] == ["Hello", " you"]
    assert taken(done)[1] == ["Hello you"]


def test_text_that_came_in_the_last_event_only_is_not_lost() -> None:
    """A server may send no deltas at all."""
    transcript, texts = taken(completed(item("Hello")))
    assert (transcript.text, texts) == ("Hello", ["Hello"])


def test_commentary_is_no_part_of_the_answer() -> None:
    """Neither its deltas nor its item."""
    aside = item("Let me see.", "commentary")
    transcript, _ = taken(
        event("response.output_item.added", output_index=0, item=aside),
        delta("Let me see."),
        event("response.output_item.done", output_index=0, item=aside),
        delta("42", place=1),
        completed(aside, item("42")),
    )
    assert transcript.text == "42"


def test_two_messages_are_set_apart() -> None:
    """By an empty line."""
    assert taken(delta("One."), delta("Two.", place=1), delta(" More.", place=1))[0].text == "One.\n\nTwo. More."


def test_a_refusal_is_what_the_model_says() -> None:
    """People are to read it."""
    refused = {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}
    assert taken(event("response.refusal.delta", output_index=0, delta="I can"), completed())[0].text == "I can"
    assert taken(event("response.output_item.done", output_index=0, item=refused))[0].text == "I cannot."


def test_how_it_ended_is_told_apart() -> None:
    """Incomplete, failed with a code, an error event in either shape."""
    assert taken(event("response.incomplete", response={}))[0].status == "incomplete"
    for ended in (
        event("response.failed", response={"error": {"code": "too_bad"}}),
        event("error", code="too_bad"),
        event("error", error={"code": "too_bad"}),
        event("response.failed", response={"error": {"code": "too_bad", "type": "usage_limit_reached"}}),
    ):
        transcript, _ = taken(ended)
        assert (transcript.status, transcript.code) == ("failed", "too_bad")


def test_after_the_end_nothing_is_taken() -> None:
    """What follows a failure does not mend it."""
    assert taken(event("error"), delta("more"), completed())[0].status == "failed"


def test_a_failure_without_a_code_is_known_by_its_type() -> None:
    """Where that is one of those that say as much."""
    for kind, code in (("usage_limit_reached", "usage_limit_reached"), ("server_error", None)):
        transcript, _ = taken(event("response.failed", response={"error": {"type": kind}}))
        assert transcript.code == code


def test_half_a_character_is_no_text() -> None:
    """Nobody could write it down; a whole one may be escaped."""
    half, whole = (
        f'{{"type": "response.output_text.delta", "delta": "{text}"}}' for text in (r"\uD83D", r"\uD83D\uDE00")
    )
    assert taken(*(ServerSentEvent(name="", data=data.encode()) for data in (half, whole)))[1] == ["😀"]


def test_what_is_no_event_of_an_answer_is_passed_over() -> None:
    """The end of a list, a proxy's own, levels without end, whatever the event's name says."""
    noise = (b"[DONE]", b"", b"\xff", b"{} {}", b"null", b"[" * 100_000, b'{"type":' * 100_000)
    transcript, texts = taken(
        *(ServerSentEvent(name="response.completed", data=data) for data in noise), delta("Hello")
    )
    assert (transcript.status, texts) == ("in_progress", ["Hello"])


def test_an_endless_answer_breaks_off() -> None:
    """The text in memory is bounded."""
    transcript, _ = taken(*[delta("x" * 500_000)] * 20)
    assert transcript.status == "incomplete"
    assert len(transcript.text) <= MAX_TEXT + 500_000


MESSAGE: dict[str, object] = {
    "type": "message",
    "content": [{"type": "output_text", "text": "Hello"}, {"type": "refusal"}, None],
}
VALUES: st.SearchStrategy[object] = st.sampled_from(
    [
        *(None, True, 0, 1, -1, 10**9, 0.5, "", "x", [], ["x"], {}, [None, MESSAGE, MESSAGE]),
        *(MESSAGE, {**MESSAGE, "phase": "commentary"}, {"type": "message", "content": 3}, {"phase": []}),
        *({"output": [MESSAGE, 5]}, {"error": {"code": 5}}, {"error": {"code": "bad"}}, {"model": []}),
    ]
)
KINDS = st.sampled_from(
    [
        "response.output_text.delta",
        "response.output_item.added",
        "response.output_item.done",
        "response.completed",
        "response.failed",
        "error",
    ]
)
NAMES = st.sampled_from(["type", "delta", "output_index", "item", "response", "output", "content", "error", "code"])


@given(st.lists(st.tuples(KINDS, st.dictionaries(NAMES, VALUES, max_size=4)), max_size=6))
def test_whatever_the_fields_hold_nothing_is_raised(events: list[tuple[str, dict[str, object]]]) -> None:
    """And the pieces always make the text."""
    transcript, texts = taken(
        *(ServerSentEvent(name=kind, data=json.dumps({"type": kind, **fields}).encode()) for kind, fields in events)
    )
    assert "".join(texts) == transcript.text
