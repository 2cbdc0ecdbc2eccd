"""What the settings of a profile are called, one by one, and where each came from."""

from signedin.provider import ApiRules, ClaimNames, DeviceFlow, Provider
from signedin_adapters.providers.sources import settings, with_sources

PLAIN = Provider(name="acme", title="Acme", issuer="https://id.example", client_id="native-app")


def test_every_setting_that_has_a_value_is_there() -> None:
    """In the order of the profile; what a provider is called, and is told, are none."""
    found = dict(settings(PLAIN))
    assert (found["issuer"], found["redirect_ports"], found["sends_nonce"]) == ("https://id.example", (0,), True)
    assert not {"name", "notice", "secret", "sources", "token_endpoint"} & found.keys()


def test_groups_are_told_by_what_is_in_them() -> None:
    """As TOML would name it; what is as everywhere goes without saying."""
    assert not [key for key, _ in settings(PLAIN) if "." in key]
    provider = Provider(
        name="acme",
        title="Acme",
        issuer="https://id.example",
        device=DeviceFlow(authorization_endpoint="a", token_endpoint="b", verification_uri="c", redirect_uri="d"),
        claims=ClaimNames(plan=("urn:auth", "plan")),
        api=ApiRules(headers=(("originator", "acme"),), models_by_priority=True),
        authorize_params=(("prompt", "login"), ("audience", "x")),
    )
    assert {key: value for key, value in settings(provider) if "." in key} == {
        "device.authorization_endpoint": "a",
        "device.token_endpoint": "b",
        "device.verification_uri": "c",
        "device.redirect_uri": "d",
        "claims.plan": ("urn:auth", "plan"),
        "api.headers.originator": "acme",
        "api.models_by_priority": True,
        "authorize_params.prompt": "login",
        "authorize_params.audience": "x",
    }


def test_a_provider_with_a_key_has_nothing_of_oauths() -> None:
    """There is nobody to be sent to."""
    keys = Provider(name="keys", title="Keys", issuer="https://api.example", registration="api-key", scopes=())
    assert [key for key, _ in settings(keys)] == ["title", "issuer", "registration"]


def test_a_place_counts_for_its_setting_or_for_its_whole_group() -> None:
    """The nearer one first; for the rest it is said what they are."""
    provider = Provider(
        name="acme", title="Acme", issuer="https://id.example", authorize_params=(("a", "1"), ("b", "2"))
    )
    found = {"authorize_params": "file:1", "authorize_params.b": "file:2"}
    sources = dict(with_sources(provider, found, otherwise="default").sources)
    assert (sources["authorize_params.a"], sources["authorize_params.b"]) == ("file:1", "file:2")
    assert sources["issuer"] == "default"
    assert sources.keys() == dict(settings(provider)).keys()
