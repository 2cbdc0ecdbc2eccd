"""The overview picture says what the table says, and can be read, found and lit."""

import re
from xml.etree import ElementTree

import pytest

from signedin.states import State
from signedin.table import TABLE
from signedin_adapters.diagram import (
    BOX_HEIGHT,
    BOX_WIDTH,
    CENTRES,
    HEIGHT,
    STYLE,
    WAYS,
    WIDTH,
    Way,
    overview_svg,
    way_of,
)

SVG = "{http://www.w3.org/2000/svg}"

each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.id)


def found(svg: str, id_: str) -> ElementTree.Element:
    """The group of this id."""
    (group,) = (group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("id") == id_)
    return group


@each_way
def test_every_drawn_way_is_a_row_of_the_table(way: Way) -> None:
    """The event leads there from the drawn state, or, drawn from nowhere, from every state."""
    sources = set(State) if way.source is None else {way.source}
    rows = [row for row in TABLE if row.event is way.event and row.destination is way.destination]
    assert sources <= {source for row in rows for source in row.sources}


def test_the_picture_stays_small() -> None:
    """Six states, at most a dozen ways, each in a few plain words."""
    assert set(CENTRES) == set(State)
    assert len(WAYS) <= 12
    assert all(len(way.words) <= 26 for way in WAYS)


def test_every_state_can_be_left_and_reached() -> None:
    """Nothing in the picture is a dead end, and nothing stands alone."""
    assert {way.destination for way in WAYS} == set(State)
    assert {way.source for way in WAYS} - {None} == set(State)


@each_way
def test_a_page_finds_every_way(way: Way) -> None:
    """By an id of its own, with the event it stands for."""
    assert found(overview_svg(), way.id).get("data-event") == way.event.__name__
    assert [other.id for other in WAYS].count(way.id) == 1


@pytest.mark.parametrize("current", State, ids=lambda state: state.value)
def test_the_current_state_is_lit(current: State) -> None:
    """It alone."""
    svg = overview_svg(current)
    lit = {state for state in State if "current" in (found(svg, f"state-{state.value}").get("class") or "").split()}
    assert lit == {current}
    assert 'class="state current"' not in overview_svg()


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_a_state_says_what_it_means(state: State) -> None:
    """Its name to see, and its meaning and whether a token is usable for who points at it."""
    group = found(overview_svg(), f"state-{state.value}")
    title = group.find(f"{SVG}title")
    assert "".join(text.text or "" for text in group.iter(f"{SVG}text")) == state.value.capitalize()
    assert title is not None
    assert "Token usable:" in (title.text or "")


def test_the_picture_speaks_to_who_does_not_see_it() -> None:
    """A title and a description that names every way."""
    root = ElementTree.fromstring(overview_svg())
    description = root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert description is not None
    assert all(way.words in (description.text or "") for way in WAYS)


def test_the_picture_follows_the_readers_colours() -> None:
    """Light and dark, and no colour outside the two sets."""
    svg = overview_svg()
    assert "@media (prefers-color-scheme: dark)" in svg
    assert re.findall(r'(?:fill|stroke)="#', svg) == []


def test_a_page_may_keep_the_style_in_a_file() -> None:
    """Bare of it, nothing in the picture is styled in its place: many pages' policies forbid that."""
    bare = overview_svg(styled=False)
    assert not re.search(r"<style|\sstyle=", bare)
    assert overview_svg() == bare.replace("</desc>", f"</desc>\n<style>{STYLE}</style>")


@each_way
def test_a_step_finds_its_way(way: Way) -> None:
    """From where it is drawn; a step that is not drawn has none."""
    assert way_of(way.source or State.ERROR, way.event.__name__, way.destination) == way.id
    assert way_of(State.ERROR, way.event.__name__, State.ERROR) is None
    assert way_of(State.CONNECTED, "ClockMoved", State.CONNECTED) is None


def test_the_style_stays_within_the_picture() -> None:
    """Every rule begins at the picture's own class: inside a page it dresses nothing else."""
    style = ElementTree.fromstring(overview_svg()).findtext(f"{SVG}style") or ""
    selectors = [part.strip() for part in re.findall(r"([^{}]+)\{", style) if "@media" not in part]
    assert selectors
    assert all(selector.startswith(".signedin") for selector in selectors)


@each_way
def test_a_way_begins_and_ends_at_its_states(way: Way) -> None:
    """Lines touch the boxes' edges."""
    for (x, y), state in ((way.start, way.source), (way.end, way.destination)):
        if state is not None:
            across, down = abs(x - CENTRES[state][0]), abs(y - CENTRES[state][1])
            assert across <= BOX_WIDTH / 2
            assert down <= BOX_HEIGHT / 2
            assert across == BOX_WIDTH / 2 or down == BOX_HEIGHT / 2


@each_way
def test_words_lie_inside_the_picture_and_on_nothing(way: Way) -> None:
    """Even in a wide font, a label covers no box, no other label, and leaves the margin free."""
    left, top, right, bottom = extent(way)
    assert left >= 6
    assert right <= WIDTH - 6
    assert 0 <= top < bottom <= HEIGHT
    for x, y in CENTRES.values():
        assert not overlap((left, top, right, bottom), (x - 95, y - 34, x + 95, y + 34))
    for other in WAYS:
        assert other is way or not overlap((left, top, right, bottom), extent(other))


def extent(way: Way) -> tuple[float, float, float, float]:
    """Where the label lies, at 10.6 units a letter of 20 units' height."""
    wide = len(way.words) * 10.6
    left = way.label[0] - {"start": 0.0, "middle": wide / 2, "end": wide}[way.anchor]
    return left, way.label[1] - 16, left + wide, way.label[1] + 5


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes share any ground."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
