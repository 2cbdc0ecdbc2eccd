"""What a table `[providers.NAME]` makes of itself."""

from pathlib import Path

import pytest

from signedin.errors import ConfigurationError
from signedin.provider import Provider
from signedin_adapters import providers

LEAST = '[providers.acme]\nissuer = "https://id.example"\nclient_id = "native-app"\n'


def find(home: Path, text: str) -> Provider:
    (home / "config.toml").write_text(text)
    return providers.find("acme", home=str(home))


def test_the_least_is_an_issuer_and_a_client_id(tmp_path: Path) -> None:
    """All else is discovered, or has the default of every profile."""
    found = find(tmp_path, LEAST)
    expected = Provider(name="acme", title="acme", issuer="https://id.example", client_id="native-app")
    assert found == Provider(**{name: getattr(expected, name) for name in _names(expected)}, sources=found.sources)


def _names(provider: Provider) -> list[str]:
    return [name for name in provider.__slots__ if name != "sources"]


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    """Each setting arrives in the profile as it was written."""
    found = find(
        tmp_path,
        """\
        [providers.acme]
        title = "Acme Identity"
        issuer = "https://id.example/tenant"
        client_id = "native-app"
        registration = "agent"
        scopes = ["openid", "offline_access", "plan.use"]
        plan_scope = "plan.use"
        authorization_endpoint = "https://id.example/authorize"
        token_endpoint = "https://id.example/token"
        jwks_uri = "https://id.example/jwks"
        revocation_endpoint = "https://id.example/revoke"
        redirect_host = "localhost"
        redirect_ports = [1455, 0]
        redirect_path = "/callback"
        resource = "urn:acme:api"
        api_base = "http://127.0.0.1:9000/v1"
        authorize_params = { prompt = "consent" }
        manage_url = "https://id.example/usage"
        connections_url = "https://id.example/apps"
        """,
    )
    assert found.title == "Acme Identity"
    assert found.registration == "agent"
    assert found.scopes == ("openid", "offline_access", "plan.use")
    assert found.plan_scope == "plan.use"
    assert found.token_endpoint == "https://id.example/token"
    assert (found.redirect_host, found.redirect_ports, found.redirect_path) == ("localhost", (1455, 0), "/callback")
    assert (found.resource, found.api_base) == ("urn:acme:api", "http://127.0.0.1:9000/v1")
    assert found.authorize_params == (("prompt", "consent"),)
    assert found.secret


def test_each_setting_says_where_it_came_from(tmp_path: Path) -> None:
    """The file and line of what was set; "default" for the rest."""
    sources = dict(find(tmp_path, LEAST).sources)
    assert sources["issuer"] == f"{tmp_path}/config.toml:2"
    assert sources["client_id"] == f"{tmp_path}/config.toml:3"
    assert sources["scopes"] == "default"
    assert "token_endpoint" not in sources


@pytest.mark.parametrize(
    ("setting", "mistake"),
    [
        ("scope = ['openid']", "scope is not a setting; did you mean scopes?"),
        ("title = 1", "title must be a string"),
        ("registration = 'dynamic'", 'registration must be "fixed" or "agent" or "api-key"'),
        ("scopes = 'openid'", "scopes must be a list"),
        ("scopes = []", "scopes must be a list with at least one entry"),
        ("scopes = ['openid email']", "scopes must be a list of single words"),
        ("scopes = [1]", "scopes must be a list of strings"),
        ("plan_scope = 'plan'", "plan_scope must be one of the scopes"),
        ("token_endpoint = 'http://id.example/token'", "token_endpoint must begin with https://"),
        ("token_endpoint = 'http://localhost:80/token'", "token_endpoint must begin with https://"),
        ("token_endpoint = 'http://127.0.0.1.evil.example/'", "token_endpoint must begin with https://"),
        ("token_endpoint = 'https://ada@id.example/'", "token_endpoint must not contain a user name"),
        ("api_base = 'https://id.example:99999'", "api_base is not a valid URL"),
        ("api_base = 'file:///etc/passwd'", "api_base"),
        ("jwks_uri = 'https://id.example/#keys'", "jwks_uri is not a valid URL"),
        ("redirect_host = '0.0.0.0'", 'redirect_host must be "127.0.0.1" or "localhost"'),
        ("redirect_ports = [65536]", "redirect_ports must be a list of whole numbers from 0 to 65535"),
        ("redirect_ports = [-1]", "redirect_ports must be a list of whole numbers"),
        ("redirect_ports = [true]", "redirect_ports must be a list of whole numbers"),
        ("redirect_ports = 1455", "redirect_ports must be a list"),
        ("redirect_path = 'callback'", "redirect_path must begin with /"),
        ("redirect_path = '/'", "redirect_path must begin with / and name a path"),
        ("redirect_path = '/a?b=c'", "redirect_path must begin with /"),
        ("resource = 'api.example'", "resource must be an absolute URI"),
        ("resource = 'https://api.example/#x'", "resource must be an absolute URI"),
        (
            "device_authorization_endpoint = 'http://id.example/'",
            "device_authorization_endpoint must begin with https://",
        ),
        ("authorize_params = 'x'", "authorize_params must be a table"),
        ("authorize_params = { prompt = 1 }", "authorize_params.prompt must be a string"),
        ("authorize_params = { state = 'x' }", "authorize_params.state is set by signedin itself"),
        ("secret = false", "secret is not a setting"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, setting: str, mistake: str) -> None:
    """Whatever is wrong with it, the line is the setting's own."""
    with pytest.raises(ConfigurationError) as caught:
        find(tmp_path, f"{LEAST}{setting}\n")
    assert str(caught.value).startswith(f"{tmp_path}/config.toml:4: providers.acme.{mistake}")
    assert caught.value.case == "bad-config"


@pytest.mark.parametrize("missing", ["issuer", "client_id"])
def test_what_is_missing_is_named_at_its_table(tmp_path: Path, missing: str) -> None:
    """There is no line of its own to name."""
    text = "".join(line for line in LEAST.splitlines(keepends=True) if not line.startswith(missing))
    with pytest.raises(ConfigurationError, match=rf"config\.toml:1: providers\.acme\.{missing} is missing"):
        find(tmp_path, text)


@pytest.mark.parametrize("name", ["chatgpt", "openai", "sandbox", "sandbox-codex", "sandbox-native"])
def test_a_name_of_our_own_is_not_redefined(tmp_path: Path, name: str) -> None:
    """Whoever reads `chatgpt` may rely on where it leads."""
    with pytest.raises(ConfigurationError, match=rf"config\.toml:1: providers\.{name} is a name of our own"):
        find(tmp_path, LEAST.replace("acme", name))


@pytest.mark.parametrize("name", ['"A"', '"a b"', '"../a"', f'"{"a" * 41}"', '""'])
def test_a_name_is_a_plain_word(tmp_path: Path, name: str) -> None:
    """It is typed on a command line and written into files."""
    with pytest.raises(ConfigurationError, match="lower-case letters"):
        find(tmp_path, LEAST.replace("acme", name))


def test_an_api_with_a_key_needs_an_api_base_alone(tmp_path: Path) -> None:
    """It has no authorization server; what would be one's is a mistake."""
    found = find(tmp_path, '[providers.acme]\nregistration = "api-key"\napi_base = "https://api.example/v1"\n')
    assert found.takes_key
    assert (found.api_base, found.issuer, found.scopes) == ("https://api.example/v1", "https://api.example/v1", ())
    assert "redirect_path" not in dict(found.sources)
    with pytest.raises(ConfigurationError, match="client_id is not a setting"):
        find(tmp_path, '[providers.acme]\nregistration = "api-key"\napi_base = "https://a.example"\nclient_id = "x"\n')
    with pytest.raises(ConfigurationError, match="api_base is missing"):
        find(tmp_path, '[providers.acme]\nregistration = "api-key"\n')


def test_a_device_flow_goes_with_an_id_that_is_known(tmp_path: Path) -> None:
    """An agent's id is only had from a browser, so there the setting would do nothing."""
    setting = 'device_authorization_endpoint = "https://id.example/device"\n'
    assert find(tmp_path, LEAST + setting).device_authorization_endpoint == "https://id.example/device"
    with pytest.raises(ConfigurationError, match=r"config\.toml:5: providers\.acme\.device_auth.* does"):
        find(tmp_path, f'{LEAST}registration = "agent"\n{setting}')
