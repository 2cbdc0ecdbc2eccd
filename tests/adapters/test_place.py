"""Where a terminal is."""

import json
from pathlib import Path

import pytest

from signedin_adapters import defaults
from signedin_adapters.place import Place, markers, where


def nowhere(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("marker", "place"),
    [
        ({"SSH_CONNECTION": "198.51.100.4 52114 203.0.113.7 22"}, Place.SSH),
        ({"SSH_TTY": "/dev/pts/3"}, Place.SSH),
        ({"CODESPACES": "true"}, Place.EDITOR),
        ({"REMOTE_CONTAINERS": "true"}, Place.EDITOR),
        ({"container": "podman"}, Place.CONTAINER),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, Place.WSL),
        ({"USER": "ada", "SSH_TTY": ""}, Place.HERE),
    ],
)
def test_the_environment_tells(marker: dict[str, str], place: Place) -> None:
    """One marker is enough, and an empty one is none."""
    assert where(marker, nowhere) is place


@pytest.mark.parametrize("file", ["/.dockerenv", "/run/.containerenv"])
def test_a_container_may_only_have_left_a_file(file: str) -> None:
    """Docker sets no variable."""
    assert where({}, lambda path: path == file) is Place.CONTAINER


def test_ssh_into_a_container_is_ssh() -> None:
    """The way back to the browser is what counts."""
    assert where({"SSH_TTY": "/dev/pts/3", "CODESPACES": "true"}, lambda _: True) is Place.SSH


def test_all_markers_are_named_for_the_log() -> None:
    """Each once, the one that `where` gives first, and then whether it is a CI that runs."""
    environ = {
        "SSH_TTY": "/dev/pts/3",
        "SSH_CONNECTION": "…",
        "CODESPACES": "true",
        "container": "podman",
        "CI": "true",
    }
    assert markers(environ, lambda _: True) == ("ssh", "editor", "container", "ci")


def test_a_machine_like_any_other_has_no_markers() -> None:
    """An empty variable is none."""
    assert markers({"USER": "ada", "CI": "", "WSL_INTEROP": ""}, nowhere) == ()


def test_markers_of_different_places_do_not_hide_each_other() -> None:
    """A container on WSL has the reasons of both."""
    assert markers({"WSL_DISTRO_NAME": "Ubuntu"}, lambda path: path == "/.dockerenv") == ("wsl", "container")


def test_each_run_of_the_log_begins_with_the_markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever reads it alone knows what was special about the machine; their values stay out of it."""
    for name in (
        "CODESPACES",
        "REMOTE_CONTAINERS",
        "container",
        "WSL_DISTRO_NAME",
        "WSL_INTEROP",
        "CI",
        "SIGNEDIN_LOG",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.4 52114 203.0.113.7 22")
    defaults.log(app="Acme Notes", home=str(tmp_path), store="file")
    (log,) = tmp_path.glob("apps/acme-notes/log/*.jsonl")
    (started,) = map(json.loads, log.read_text().splitlines())
    assert started["event"] == "run.started"
    assert [marker for marker in started["markers"] if marker != "container"] == ["ssh"]
    assert "198.51.100.4" not in log.read_text()
