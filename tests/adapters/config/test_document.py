"""A TOML file that can say on which line a key stands."""

import os
from pathlib import Path

import pytest

from signedin.errors import ConfigurationError
from signedin_adapters.config.document import LIMIT, Document

TEXT = '''\
# the provider of the team
provider = "acme"

[network]
proxy = "http://proxy.example:3128"  # [providers.acme]

[providers."a.b"]
issuer = """
[providers.acme]
client_id = 1
"""
scopes = [
  "openid",

  "email",
]
client_id = "b"

[providers]
acme.issuer = "https://id.example"
inline = { issuer = "https://in.example", authorize_params = { prompt = "consent" } }
'''


def document(tmp_path: Path, content: str | bytes) -> Document:
    file = tmp_path / "config.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return Document(str(file))


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("provider",), 2),
        (("network",), 4),
        (("network", "proxy"), 5),
        (("providers", "a.b"), 7),
        (("providers", "a.b", "issuer"), 8),
        (("providers", "a.b", "scopes"), 12),
        (("providers", "a.b", "client_id"), 17),
        (("providers", "acme", "issuer"), 20),
        (("providers", "inline", "issuer"), 21),
        (("providers", "inline", "authorize_params", "prompt"), 21),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_line_of_a_key(tmp_path: Path, ends: str, keys: tuple[str, ...], line: int) -> None:
    """Headers, dotted and quoted keys, inline tables, and what only looks like a header inside a string or comment."""
    assert document(tmp_path, TEXT.replace("\n", ends)).line(keys) == line


def test_what_is_missing_is_named_by_the_table_it_is_missing_from(tmp_path: Path) -> None:
    """A key that is not there has the line of its header."""
    assert document(tmp_path, TEXT).line(("network", "ca_file")) == 4


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    assert document(tmp_path, b"\xef\xbb\xbfprovider = 'a'").values == {"provider": "a"}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"a = 1\nb = \n", "config.toml:2: not valid TOML"),
        (b"a = 1\n\na = 2\n", "config.toml:3: not valid TOML"),
        (b'a = """\n', "config.toml:2: not valid TOML"),
        (b"a = 1\n# \xff", "config.toml:2: not valid UTF-8"),
        (b"#" * (LIMIT + 1), "config.toml is larger than 64 KiB"),
        (b"a = " + b"[" * 5000, "config.toml is nested too deeply"),
    ],
    ids=["syntax", "twice", "open-end", "not-utf8", "huge", "deep"],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, content: bytes, place: str) -> None:
    """The message leads with where, as editors and terminals understand it."""
    with pytest.raises(ConfigurationError) as caught:
        document(tmp_path, content)
    assert place in str(caught.value)
    assert caught.value.case == "bad-config"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write to it."""
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(ConfigurationError, match="no regular file"):
        Document(str(tmp_path / "config.toml"))


def test_a_directory_in_its_place_is_a_configuration_error(tmp_path: Path) -> None:
    """What the system says becomes our own error."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Document(str(tmp_path))
