"""axe-core, which we did not write, looks at each state of the page, light and dark."""

from pathlib import Path
from typing import Any

import pytest
from tests.support.web_scenes import SCENES, Theatre
from tests.support.web_tab import WebTab

AXE = Path(__file__).parents[2] / "node" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def axe() -> str:
    """Its script."""
    if not AXE.exists():
        pytest.skip("needs axe-core (make node)")
    return AXE.read_text(encoding="utf-8")


def violations(tab: WebTab) -> list[str]:
    """What it minds, each with its place."""
    found: list[dict[str, Any]] = tab.ask("async () => (await axe.run()).violations")
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scene", SCENES)
def test_axe_finds_nothing(theatre: Theatre, axe: str, scene: str) -> None:
    """In neither scheme, with every rule that it has."""
    tab = SCENES[scene](theatre)
    tab.ask(axe)
    for scheme in ("light", "dark"):
        tab.prefer(scheme)
        assert violations(tab) == [], scheme


def test_axe_is_really_asked(theatre: Theatre, axe: str) -> None:
    """It minds a picture without words and a text that nobody can read."""
    tab = SCENES["signed-out"](theatre)
    tab.ask(axe)
    tab.ask("() => document.querySelector('main').append(document.createElement('img'))")
    assert any(found.startswith("image-alt:") for found in violations(tab))
