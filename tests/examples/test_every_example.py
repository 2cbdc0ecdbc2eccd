"""What holds for each example: it is short, it is shown, it is run, and it says nothing of where it is run."""

import re

import pytest
from tests.support.examples import EXAMPLES

ROOT = EXAMPLES.parent
FILES = {path.name: path.read_text(encoding="utf-8") for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb")}
PAGES = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]

each_file = pytest.mark.parametrize("name", sorted(FILES))


@each_file
def test_it_is_under_sixty_lines(name: str) -> None:
    """Counted with everything, so that it is read before it is used."""
    assert len(FILES[name].splitlines()) < 60


@each_file
def test_it_is_shown(name: str) -> None:
    """With a link, in the README or on a page of the documentation."""
    assert any(f"examples/{name})" in page for page in PAGES)


@each_file
def test_it_is_run(name: str) -> None:
    """By a test of its name, or as a part of another example."""
    stem = name.partition(".")[0]
    whole = (ROOT / "tests" / "examples" / f"test_{stem}.py").exists()
    assert whole or any(f"from {stem} import " in other for other in FILES.values())


@each_file
def test_it_says_nothing_of_where_it_is_run(name: str) -> None:
    """No provider, no home and no variable of ours: whoever runs it has chosen them already."""
    assert not re.search(r"\bprovider=|\bhome=|SIGNEDIN_|sandbox", FILES[name])
