"""Owns how a URL is shown in the user's own browser (RFC 8252 §8.12; `signedin.ports.OpenBrowser`).

Never through a shell, never in the terminal, never with what this process keeps to itself: an opener gets the URL as
one argument, no descriptor, a session of its own, and an environment without secrets or a sandbox's library paths.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping

_SECONDS = 1.0
"""How long an opener may take to say no. One that still runs then has opened something."""

_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_TEXT_BROWSERS = {"browsh", "elinks", "links", "links2", "lynx", "retawq", "w3m", "www-browser"}
_SECRET = re.compile(
    r"(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASS|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)(_|$)|^SIGNEDIN_", re.IGNORECASE
)
_SANDBOXES = ("SNAP", "FLATPAK_ID", "APPIMAGE")
_SANDBOX_PATHS = (
    "GDK_PIXBUF_MODULEDIR",
    "GDK_PIXBUF_MODULE_FILE",
    "GIO_MODULE_DIR",
    "GSETTINGS_SCHEMA_DIR",
    "GTK_EXE_PREFIX",
    "GTK_IM_MODULE_FILE",
    "GTK_PATH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LOCPATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "QT_PLUGIN_PATH",
)
_DESKTOP = (
    ("xdg-open",),
    ("gio", "open"),
    ("x-www-browser",),
    ("firefox",),
    ("google-chrome",),
    ("chromium",),
)
# explorer.exe opens a URL too, and exits with 1 whether it did or not.
_WSL = (("wslview",), ("rundll32.exe", "url.dll,FileProtocolHandler"))


def open_browser(url: str) -> bool:
    """Show `url`; True where an opener took it. Blocks for up to a second an opener: call it from a thread.

    `BROWSER` is honoured: entries separated as in PATH, tried in order, `%s` stands for the URL, a final `&` means
    nothing. Where it is set nothing else is tried.
    """
    if not _URL.fullmatch(url):
        return False
    if sys.platform == "win32":
        return _start_file(url)
    environment = _clean(os.environ)
    return any(_run(opener, environment) for opener in openers(url, os.environ, sys.platform))


def openers(url: str, environ: Mapping[str, str], platform: str) -> Iterator[list[str]]:
    """The commands to try, best first. A text browser is none: it would take the terminal away."""
    if environ.get("BROWSER", "").strip():
        candidates = (_entry(entry, url) for entry in environ["BROWSER"].split(os.pathsep))
    else:
        candidates = ([*command, url] for command in _defaults(environ, platform))
    return (command for command in candidates if command and not _is_text_browser(command[0]))


def _entry(entry: str, url: str) -> list[str]:
    try:
        words = shlex.split(entry.strip().removesuffix("&"))
    except ValueError:
        return []
    filled = [word.replace("%s", url) for word in words]
    return [*words, url] if words and filled == words else filled


def _defaults(environ: Mapping[str, str], platform: str) -> Iterator[tuple[str, ...]]:
    if platform == "darwin":
        yield ("open",)
        return
    if "WSL_DISTRO_NAME" in environ or "WSL_INTEROP" in environ:
        yield from _WSL
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        yield from _DESKTOP


def _is_text_browser(program: str) -> bool:
    found = shutil.which(program) or program
    return not _TEXT_BROWSERS.isdisjoint({os.path.basename(found), os.path.basename(os.path.realpath(found))})


def _run(command: list[str], environment: Mapping[str, str]) -> bool:
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell; the program is the user's own choice
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
    except OSError:
        return False
    try:
        return process.wait(_SECONDS) == 0
    except subprocess.TimeoutExpired:
        # Somebody has to collect it in the end; a daemon does not hold this process open for it.
        threading.Thread(target=process.wait, name="signedin-browser", daemon=True).start()
        return True


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    """What an opener may know. `BROWSER` is left out: xdg-open would follow it into a text browser."""
    kept = {name: value for name, value in environ.items() if name != "BROWSER" and not _SECRET.search(name)}
    if getattr(sys, "frozen", False) or any(name in environ for name in _SANDBOXES):
        for name in _SANDBOX_PATHS:
            kept.pop(name, None)
            if original := environ.get(f"{name}_ORIG"):
                kept[name] = original
    return kept


def _start_file(url: str) -> bool:
    # Not run: written for Windows, tried on none.
    if sys.platform == "win32":
        try:
            os.startfile(url)  # noqa: S606 - a checked http(s) URL
        except OSError:
            return False
        return True
    return False
