"""Owns the profile `openai`: OpenAI's API with an API key of the user's own, billed by use and not by a plan."""

from signedin.provider import Provider
from signedin_adapters.providers.sources import BUILT_IN, with_sources

_API = "https://api.openai.com/v1"

OPENAI = with_sources(
    Provider(
        name="openai",
        title="OpenAI API key",
        issuer="https://api.openai.com",
        registration="api-key",
        scopes=(),
        api_base=_API,
        manage_url="https://platform.openai.com/api-keys",
    ),
    otherwise=BUILT_IN,
)
