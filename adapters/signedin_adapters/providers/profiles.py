"""Owns which providers there are: the built-in ones, then those of `config.toml`.

The whole file is read, whichever provider is asked for: a mistake shows when it is made, not when it is used.
"""

from dataclasses import dataclass

from signedin.errors import ConfigurationError, UnknownProvider
from signedin.provider import Provider
from signedin_adapters import config
from signedin_adapters.config import Config
from signedin_adapters.providers import configured, sandbox
from signedin_adapters.providers.chatgpt import CHATGPT
from signedin_adapters.providers.openai import OPENAI
from signedin_adapters.providers.sources import BUILT_IN

_BUILT_IN = ("chatgpt", "openai", "sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One provider as a list shows it. `source` is "built in" or the place in `config.toml`.

    `profile` is None where there is none now: a sandbox that never ran.
    """

    name: str
    title: str
    source: str
    profile: Provider | None


def find(name: str, *, home: str) -> Provider:
    """The profile of this name. Raises UnknownProvider, which lists the names, and ConfigurationError."""
    providers = _configured(config.read(home))
    if name == "chatgpt":
        return CHATGPT
    if name == "openai":
        return OPENAI
    if name == "sandbox":
        return sandbox.profile(home)
    if name not in providers:
        raise UnknownProvider(f'no provider is named "{name}"; there are {_names(providers)}')
    return providers[name]


def known(home: str) -> list[Known]:
    """Every provider, built-in ones first. Raises ConfigurationError for `config.toml`, never for the sandbox."""
    settings = config.read(home)
    providers = _configured(settings)
    return [
        Known(name="chatgpt", title=CHATGPT.title, source=BUILT_IN, profile=CHATGPT),
        Known(name="openai", title=OPENAI.title, source=BUILT_IN, profile=OPENAI),
        Known(name="sandbox", title=sandbox.TITLE, source=BUILT_IN, profile=_sandbox(home)),
        *(
            Known(
                name=table.name, title=providers[table.name].title, source=table.source(), profile=providers[table.name]
            )
            for table in settings.providers
        ),
    ]


def default_name(home: str) -> str | None:
    """The provider that `config.toml` makes the command's default, None where it names none."""
    settings = config.read(home)
    providers = _configured(settings)
    if settings.provider is not None and settings.provider not in (*_BUILT_IN, *providers):
        raise ConfigurationError(f"{settings.place} must be one of {_names(providers)}")
    return settings.provider


def _configured(settings: Config) -> dict[str, Provider]:
    return {table.name: configured.profile(table) for table in settings.providers}


def _names(providers: dict[str, Provider]) -> str:
    return ", ".join((*_BUILT_IN, *providers))


def _sandbox(home: str) -> Provider | None:
    try:
        return sandbox.profile(home)
    except ConfigurationError:
        return None
