"""What the code of a page is, tried on small pages."""

from pathlib import Path

from tests.support.snippets import Snippet, snippets

PAGE = """\
# A page

```toml
a = 1
```

## Later ##

```python title="first.py"
# Not a heading

print("x")
```

- in a list:

  ~~~~sh
  ls
    ```
  ~~~~
"""


def test_each_block_has_its_heading_language_code_and_place(tmp_path: Path) -> None:
    """A comment in code is no heading, an info string ends the language, and a list's indent is not the code's."""
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert snippets(str(page)) == [
        Snippet(title="A page", language="toml", code="a = 1\n", line=4),
        Snippet(title="Later", language="python", code='# Not a heading\n\nprint("x")\n', line=10),
        Snippet(title="Later", language="sh", code="ls\n  ```\n", line=18),
    ]


def test_a_page_is_named_from_the_root() -> None:
    """Wherever the tests are started."""
    assert [snippet.language for snippet in snippets("README.md") if snippet.title == "Quick start"] == ["python"]
