"""Opening the user's browser: real processes, nothing of ours in their hands."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signedin_adapters import browser
from signedin_adapters.browser import open_browser, openers

URL = "https://id.example/authorize?client_id=acme&state=a%20b&scope=openid+email"

Script = Callable[..., str]


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may open a real browser: only scripts of the test are to be found."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME", "WSL_INTEROP"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(browser, "_SECONDS", 5.0)


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Makes an executable that writes down how it was called."""

    def make(name: str = "acme-browser", *, status: int = 0) -> str:
        path = tmp_path / "bin" / name
        path.write_text(
            f"#!{sys.executable} -I\n"
            "import json, os, sys\n"
            "fds = [os.readlink(f'/proc/self/fd/{n}') for n in (0, 1, 2)] if os.path.exists('/proc/self/fd') else []\n"
            "seen = {'argv': sys.argv[1:], 'env': dict(os.environ), 'fds': fds, 'alone': os.getsid(0) == os.getpid()}\n"
            f"with open({str(tmp_path / name)!r} + '.json', 'w') as file: json.dump(seen, file)\n"
            f"sys.exit({status})\n"
        )
        path.chmod(0o755)
        return str(path)

    return make


def seen(tmp_path: Path, name: str = "acme-browser") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / f"{name}.json").read_text())
    return found


def test_browser_gets_the_url_as_its_last_argument(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `%s` the URL is appended, whole and as one argument."""
    monkeypatch.setenv("BROWSER", f"{script()} --new-window 'two words'")
    assert open_browser(URL)
    assert seen(tmp_path)["argv"] == ["--new-window", "two words", URL]


@pytest.mark.parametrize("ending", ["", " &", "&", " & "])
def test_a_placeholder_is_filled_and_an_ampersand_ignored(
    ending: str, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`%s` stands for the URL, also inside a word; the shell's `&` has no meaning here."""
    monkeypatch.setenv("BROWSER", f"{script()} --url=%s{ending}")
    assert open_browser(URL)
    assert seen(tmp_path)["argv"] == [f"--url={URL}"]


def test_no_shell_reads_the_entry(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`;`, `$()` and backquotes are plain letters of arguments."""
    monkeypatch.setenv("BROWSER", f"{script()} ; touch {tmp_path}/evil $(touch {tmp_path}/evil) `true`")
    assert open_browser(URL)
    assert not (tmp_path / "evil").exists()
    assert seen(tmp_path)["argv"] == [";", "touch", f"{tmp_path}/evil", "$(touch", f"{tmp_path}/evil)", "`true`", URL]


def test_entries_are_tried_in_order(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing one, an unreadable one and one that fails are passed over; after a success none is tried."""
    entries = [
        str(tmp_path / "missing"),
        "'unclosed",
        "",
        script("fails", status=3),
        script("works"),
        script("spare"),
    ]
    monkeypatch.setenv("BROWSER", os.pathsep.join(entries))
    assert open_browser(URL)
    assert (tmp_path / "fails.json").exists()
    assert (tmp_path / "works.json").exists()
    assert not (tmp_path / "spare.json").exists()


def test_an_opener_that_fails_is_no_browser(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status other than 0 within the moment means that nothing opened."""
    monkeypatch.setenv("BROWSER", script(status=1))
    assert not open_browser(URL)


def test_where_browser_is_set_nothing_else_is_tried(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's choice that does not work is not replaced by a guess."""
    script("xdg-open")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("BROWSER", "missing-browser")
    assert not open_browser(URL)
    assert not (tmp_path / "xdg-open.json").exists()


def test_a_browser_that_stays_counts_as_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An opener that runs on has opened something; the caller is not held, and it is collected when it ends."""
    path = tmp_path / "bin" / "stays"
    path.write_text("#!/bin/sh\nread -r forever < " + str(tmp_path / "fifo") + "\n")
    path.chmod(0o755)
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.setattr(browser, "_SECONDS", 0.1)
    monkeypatch.setenv("BROWSER", str(path))
    begun = time.monotonic()
    assert open_browser(URL)
    assert time.monotonic() - begun < 1
    collectors = [thread for thread in threading.enumerate() if thread.name == "signedin-browser"]
    assert [thread.daemon for thread in collectors] == [True]
    (tmp_path / "fifo").write_text("done\n")
    collectors[0].join(5)
    assert not collectors[0].is_alive()


@pytest.mark.linux
def test_the_opener_is_on_its_own(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leads a session of its own, so no Ctrl-C reaches it, and holds none of our descriptors."""
    monkeypatch.setenv("BROWSER", script())
    assert open_browser(URL)
    assert seen(tmp_path)["alone"] is True
    assert seen(tmp_path)["fds"] == ["/dev/null"] * 3


def test_no_secret_goes_with_it(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that hold keys, tokens or passwords stay here; what a desktop needs goes along."""
    secret = ("OPENAI_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "SIGNEDIN_PASSPHRASE_FILE")
    needed = ("XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK", "GNOME_KEYRING_CONTROL")
    for name in (*secret, *needed):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("BROWSER", script())
    assert open_browser(URL)
    environment = seen(tmp_path)["env"]
    assert not set(secret) & set(environment)
    assert set(needed) <= set(environment)
    assert "BROWSER" not in environment


@pytest.mark.parametrize("sandbox", ["SNAP", "FLATPAK_ID"])
def test_a_sandboxs_library_paths_stay_behind(
    sandbox: str, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An opener of the system must not load the sandbox's libraries; a path that was saved is put back."""
    monkeypatch.setenv(sandbox, "x")
    monkeypatch.setenv("GTK_PATH", "/snap/gtk")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/snap/lib")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/own/lib")
    monkeypatch.setenv("BROWSER", script())
    assert open_browser(URL)
    environment = seen(tmp_path)["env"]
    assert "GTK_PATH" not in environment
    assert environment["LD_LIBRARY_PATH"] == "/own/lib"


@pytest.mark.parametrize("name", ["lynx", "w3m", "links", "elinks", "www-browser"])
def test_text_browsers_are_refused(name: str, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that would take the terminal is never started: not by name, not by path, not behind a link."""
    path = script(name)
    link = tmp_path / "bin" / "my-browser"
    link.symlink_to(path)
    for entry in (name, path, f"{path} %s", str(link), "my-browser"):
        monkeypatch.setenv("BROWSER", entry)
        assert not open_browser(URL)
    assert not (tmp_path / f"{name}.json").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://id.example/",
        "-flag",
        "--new-window https://id.example/",
        " https://id.example/",
        "https://id.example/a b",
        "https://id.example/\n",
        "https://id.example/\x1b[2J",
        "https://id.example/\u202e",
        "https://",
    ],
)
def test_only_a_plain_web_address_is_opened(
    url: str, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything but printable http(s) goes to no program."""
    monkeypatch.setenv("BROWSER", script())
    assert not open_browser(url)
    assert not (tmp_path / "acme-browser.json").exists()


@pytest.mark.linux
def test_without_a_desktop_nothing_is_tried(script: Script, tmp_path: Path) -> None:
    """A server says at once that there is no browser."""
    script("xdg-open")
    assert not open_browser(URL)
    assert not (tmp_path / "xdg-open.json").exists()


@pytest.mark.linux
@pytest.mark.parametrize("display", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_desktop_opens_it(display: str, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """xdg-open comes first; where it fails the next one takes over."""
    monkeypatch.setenv(display, ":0")
    script("xdg-open", status=3)
    script("gio")
    assert open_browser(URL)
    assert seen(tmp_path, "xdg-open")["argv"] == [URL]
    assert seen(tmp_path, "gio")["argv"] == ["open", URL]


def test_each_system_has_its_own_opener() -> None:
    """macOS has `open`; under WSL Windows comes first and an X display after it."""
    assert list(openers(URL, {}, "darwin")) == [["open", URL]]
    wsl = [command[0] for command in openers(URL, {"WSL_DISTRO_NAME": "Debian", "DISPLAY": ":0"}, "linux")]
    assert wsl[:3] == ["wslview", "rundll32.exe", "xdg-open"]
    assert [command[0] for command in openers(URL, {"WSL_INTEROP": "/run/x"}, "linux")] == wsl[:2]
    assert list(openers(URL, {}, "linux")) == []
