"""The page keeps what was not measured anew."""

from results.page import replaced

PAGE = "# What was measured\n\nWords.\n\n## First\n\nold\n\n## Second\n\nkept\n"


def test_a_section_takes_the_place_of_the_one_of_its_title() -> None:
    """The rest stays as it was, in its order."""
    assert replaced(PAGE, ["## First\n\nnew\n"]) == PAGE.replace("old", "new")


def test_a_new_section_comes_last() -> None:
    """After an empty line."""
    assert replaced(PAGE, ["## Third\n\nnew\n"]) == f"{PAGE}\n## Third\n\nnew\n"


def test_no_section_leaves_the_page_alone() -> None:
    """Nothing was measured."""
    assert replaced(PAGE, []) == PAGE
