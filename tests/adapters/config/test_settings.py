"""What `config.toml` sets for every app of a home."""

import subprocess
import sys
from pathlib import Path

import pytest

from signedin.errors import ConfigurationError
from signedin_adapters import config
from signedin_adapters.config import Config, Network


def write(home: Path, text: str) -> str:
    (home / "config.toml").write_text(text)
    return str(home)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    """Nothing has to be configured."""
    assert config.read(str(tmp_path)) == Config(provider=None, network=Network(), providers=())


def test_no_file_means_that_no_parser_is_imported(tmp_path: Path) -> None:
    """What is not there costs nothing."""
    program = f"import sys; from signedin_adapters import config; config.read({str(tmp_path)!r}); print(*sys.modules)"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout
    assert b"tomllib" not in loaded.split()


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    """The default provider, the proxy, the certificates, and one table for each provider."""
    (tmp_path / "ca.pem").touch()
    home = write(
        tmp_path,
        'provider = "acme"\n[network]\nproxy = "http://proxy.example:3128"\nca_file = "ca.pem"\n'
        "[providers.acme]\n[providers.beta]\n",
    )
    settings = config.read(home)
    assert settings.provider == "acme"
    assert settings.network == Network(proxy="http://proxy.example:3128", ca_file=str(tmp_path / "ca.pem"))
    assert [table.name for table in settings.providers] == ["acme", "beta"]


@pytest.mark.parametrize(
    "proxy",
    ["http://proxy.example:3128", "https://proxy.example", "socks5h://127.0.0.1:1080", "http://ada:pw@[::1]:8080/"],
)
def test_a_proxy_may_be_plain_and_may_ask_for_a_name(tmp_path: Path, proxy: str) -> None:
    """What goes through it is sealed by TLS."""
    assert config.read(write(tmp_path, f'[network]\nproxy = "{proxy}"')).network.proxy == proxy


def test_a_proxy_is_never_shown(tmp_path: Path) -> None:
    """Its URL may hold a password."""
    settings = config.read(write(tmp_path, '[network]\nproxy = "http://ada:canary@proxy.example"'))
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("providr = 'a'", "config.toml:1: providr is not a setting; did you mean provider?"),
        ("\nprovider = 3", "config.toml:2: provider must be a string"),
        ("provider = ''", "config.toml:1: provider must be a string on one line, and not empty"),
        ("network = 3", "config.toml:1: network must be a table"),
        ("[network]\nproxies = 'a'", "config.toml:2: network.proxies is not a setting; did you mean proxy?"),
        ("[network]\nca_file = '/nowhere.pem'", "config.toml:2: network.ca_file names no file"),
        ("[network]\nproxy = 'proxy.example:3128'", "config.toml:2: network.proxy must be SCHEME://HOST:PORT"),
        ("[network]\nproxy = 'http://proxy.example:x'", "config.toml:2: network.proxy must be SCHEME://HOST:PORT"),
        ("[network]\nproxy = 'http://proxy.example:0'", "config.toml:2: network.proxy must be SCHEME://HOST:PORT"),
        ("[network]\nproxy = 'ftp://proxy.example'", "config.toml:2: network.proxy must be SCHEME://HOST:PORT"),
        ("[network]\nproxy = 'http://proxy.example/path'", "config.toml:2: network.proxy must be SCHEME://HOST:PORT"),
        ("providers = []", "config.toml:1: providers must be a table"),
        ("[[providers.acme]]", "config.toml:1: providers.acme must be a table"),
        ("[providers]\nacme = 'x'", "config.toml:2: providers.acme must be a table"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, text: str, mistake: str) -> None:
    """A setting that is misspelt, of another type or out of range is never passed over."""
    with pytest.raises(ConfigurationError) as caught:
        config.read(write(tmp_path, text))
    assert str(caught.value).startswith(f"{tmp_path}/{mistake}")


def test_a_dangling_link_is_not_the_same_as_no_file(tmp_path: Path) -> None:
    """Whoever linked the file meant its settings to hold."""
    (tmp_path / "config.toml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        config.read(str(tmp_path))
