"""Owns which providers there are: the built-in ones, then those of `config.toml`.

The whole file is read, whichever provider is asked for: a mistake shows when it is made, not when it is used.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from signedin.errors import ConfigurationError, UnknownProvider
from signedin.provider import Provider
from signedin_adapters import config
from signedin_adapters.config import Config
from signedin_adapters.providers import configured, sandbox
from signedin_adapters.providers.chatgpt import CHATGPT
from signedin_adapters.providers.codex import CODEX
from signedin_adapters.providers.openai import OPENAI
from signedin_adapters.providers.sources import BUILT_IN

_BUILT_IN: dict[str, tuple[str, Callable[[str], Provider]]] = {
    "chatgpt": (CHATGPT.title, lambda _: CHATGPT),
    "codex": (CODEX.title, lambda _: CODEX),
    "openai": (OPENAI.title, lambda _: OPENAI),
    "sandbox": (sandbox.TITLE, sandbox.profile),
    "sandbox-codex": (sandbox.CODEX_TITLE, sandbox.codex_profile),
    "sandbox-native": (sandbox.NATIVE_TITLE, sandbox.native_profile),
}
"""Each one's title, and its profile in a home, unless `config.toml` says something of it."""
OPT_IN = ("codex",)
"""Those that are used where they are asked for by name, because another way is meant for tools like ours."""
SANDBOXES = ("sandbox", "sandbox-codex", "sandbox-native")
"""Those of a sandbox: there is none of them where none runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One provider as a list shows it. `source` is "built in" or the place in `config.toml`.

    `profile` is None where there is none now: a sandbox that never ran.
    """

    name: str
    title: str
    source: str
    profile: Provider | None

    @property
    def opt_in(self) -> bool:
        """Whether it is only used where somebody asked for it by name."""
        return self.name in OPT_IN


def find(name: str, *, home: str) -> Provider:
    """The profile of this name. Raises UnknownProvider, which lists the names, and ConfigurationError."""
    providers = _configured(config.read(home))
    if name in providers:
        return providers[name]
    if name not in _BUILT_IN:
        raise UnknownProvider(f'no provider is named "{name}"; there are {_names(providers)}')
    _, profile = _BUILT_IN[name]
    return profile(home)


def known(home: str) -> list[Known]:
    """Every provider, built-in ones first. Raises ConfigurationError for `config.toml`, never for the sandbox."""
    settings = config.read(home)
    providers = _configured(settings)
    return [
        *(_built_in(name, home, providers.get(name)) for name in _BUILT_IN),
        *(
            Known(
                name=table.name, title=providers[table.name].title, source=table.source(), profile=providers[table.name]
            )
            for table in settings.providers
            if table.name not in _BUILT_IN
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
    return ", ".join(dict.fromkeys((*_BUILT_IN, *providers)))


def _built_in(name: str, home: str, found: Provider | None) -> Known:
    title, profile = _BUILT_IN[name]
    with suppress(ConfigurationError):
        found = found or profile(home)
    return Known(name=name, title=title, source=BUILT_IN, profile=found)
