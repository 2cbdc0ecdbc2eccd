"""Every store of ours keeps the contract: memory, a key in a file, under a passphrase, in a keyring, in a real one."""

from collections.abc import Generator
from pathlib import Path

import pytest
from tests.support import desktop as desktops
from tests.support.desktop import Desktop
from tests.support.fake_keyring import FAKE

from signedin.ports import Store
from signedin.testing import StoreContract
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.key_file import KeyFile
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.stores.memory import MemoryStore
from signedin_adapters.stores.passphrase import WrappedKeyFile


class TestMemoryStore(StoreContract):
    """The store that keeps nothing."""

    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestFileStore(StoreContract):
    """Sealed files, the key in a file."""

    @pytest.fixture
    def store(self, app_paths: AppPaths) -> Store:
        return FileStore(app_paths, KeyFile(app_paths), kind="file")


class TestPassphraseStore(StoreContract):
    """Sealed files, the key in a file under a passphrase."""

    @pytest.fixture
    def store(self, app_paths: AppPaths, tmp_path: Path) -> Store:
        passphrase = tmp_path / "passphrase"
        passphrase.write_text("correct horse\n")
        return FileStore(app_paths, WrappedKeyFile(app_paths, str(passphrase), cost=2**4), kind="file")


@pytest.mark.usefixtures("fake_keyring")
class TestKeyringStore(StoreContract):
    """Sealed files, the key in a keyring."""

    @pytest.fixture
    def store(self, app_paths: AppPaths) -> Store:
        return FileStore(app_paths, KeyringKeys(app_paths.slug, backends=(FAKE,)), kind="keyring")


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Desktop]:
    """A session bus with gnome-keyring on it, unlocked."""
    with desktops.session(tmp_path_factory.mktemp("run")) as desktop:
        desktop.log_in()
        yield desktop


@pytest.mark.linux
class TestSecretServiceStore(StoreContract):
    """Sealed files, the key in gnome-keyring."""

    @pytest.fixture
    def store(self, desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Store]:
        for name, value in desktop.environment.items():
            monkeypatch.setenv(name, value)
        keys = KeyringKeys(f"demo-{tmp_path.name}")
        yield FileStore(AppPaths(str(tmp_path / "home"), "demo"), keys, kind="keyring")
        assert all(len(key) == 44 for key in desktop.entries(f"signedin:demo-{tmp_path.name}").values())
