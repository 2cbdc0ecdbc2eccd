"""Owns one performance: a case's play on a stage of its own, told on a reel, and its verdict at the end."""

from signedin.cases import Case
from signedin.errors import SignedinError
from signedin_adapters.web.board.plays import Play, play_of
from signedin_adapters.web.board.reel import Reel
from signedin_adapters.web.board.scratch import Scratch
from signedin_adapters.web.board.stage import Stage, stage
from signedin_adapters.web.board.verdict import verdict


async def perform(case: Case, reel: Reel) -> None:
    """Play the case. What an app would meet is told; the reel ends in any case."""
    play = play_of(case)
    try:
        async with stage(play.provider, reel) as prepared:
            await _play(play, prepared, reel)
            await prepared.close()
            prepared.tail.look()
            reel.tell("verdict", **verdict(case, play, prepared.tail.path))
    finally:
        reel.end()


async def _play(play: Play, stage: Stage, reel: Reel) -> None:
    if play.how == "table":
        reel.tell("step", words="A scratch account takes the case's own step.")
        Scratch(stage.log(), now=stage.now).play(play.case)
    for step in play.steps:
        reel.tell("step", words=step.words)
        try:
            await step.act(stage)
        except SignedinError as error:
            reel.tell("refusal", case=error.case, message=error.message)
