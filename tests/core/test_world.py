"""Whatever is stopped, killed, lost or refused, in whatever order: a session is never lost, nor spent twice.

Two processes, a server that rotates strictly, a disk and a clock, in a simulated world: every interleaving is
hypothesis' choice, and `Watch` says after every step what must hold. The same seeds every time; what once failed stands
in test_world_regressions.py. For a long run: `SIGNEDIN_WORLDS=5000 pytest tests/core/test_world.py --timeout=0`.
"""

import os
from contextlib import ExitStack

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.support.simulated.machine import DISKS
from tests.support.simulated.server import FATES, LIFE, SPENT
from tests.support.simulated.world import world

WORLDS = int(os.environ.get("SIGNEDIN_WORLDS", "0"))

process = st.sampled_from((0, 1))
strand = st.integers(0, 3)
waits = st.sampled_from((1.0, 20.0, 100.0, 400.0, LIFE - 20.0, LIFE + 1.0))
turns = st.sampled_from((-14_400.0, -LIFE, -90.0, 90.0, LIFE, 14_400.0))
points = st.sampled_from(
    (
        "sending",
        "answered",
        "open intent",
        "half of intent",
        "rename intent",
        "rename session",
        "sync",
        "read signed-out",
    )
)


class TwoProcesses(RuleBasedStateMachine):
    """One account, signed in."""

    @initialize()
    def begin(self) -> None:
        self.ends = ExitStack()
        self.world = self.ends.enter_context(world())

    @rule(which=strand, steps=st.integers(1, 12))
    def go(self, which: int, steps: int) -> None:
        self.world.go(which, steps)

    @rule(which=strand, at=points)
    def go_until(self, which: int, at: str) -> None:
        self.world.go_until(which, at)

    @rule()
    def settle(self) -> None:
        self.world.settle()

    @rule(process=process)
    def ask(self, process: int) -> None:
        self.world.ask(process)

    @rule(process=process)
    def pass_by(self, process: int) -> None:
        self.world.pass_by(process)

    @rule(process=process)
    def refresh(self, process: int) -> None:
        self.world.refresh(process)

    @rule(process=process, at=points)
    def refresh_until(self, process: int, at: str) -> None:
        self.world.refresh_until(process, at)

    @rule(process=process)
    def retry(self, process: int) -> None:
        self.world.retry(process)

    @rule(process=process)
    def unauthorized(self, process: int) -> None:
        self.world.unauthorized(process)

    @rule(process=process, revoke=st.booleans())
    def sign_out(self, process: int, revoke: bool) -> None:
        self.world.sign_out(process, revoke)

    @rule(process=process)
    def sign_in(self, process: int) -> None:
        self.world.sign_in(process)

    @rule(process=process)
    def kill(self, process: int) -> None:
        self.world.kill(process)

    @rule(seconds=waits)
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @rule(seconds=turns)
    def set_clock(self, seconds: float) -> None:
        self.world.set_clock(seconds)

    @rule(fate=st.sampled_from(FATES) | st.sampled_from(SPENT))
    def arm(self, fate: str) -> None:
        self.world.arm(fate)

    @rule(state=st.sampled_from(DISKS))
    def set_disk(self, state: str) -> None:
        self.world.set_disk(state)

    @precondition(lambda self: self.world.disk.state != "well")
    @rule()
    def mend_disk(self) -> None:
        self.world.set_disk("well")

    @rule()
    def end_grant(self) -> None:
        self.world.end_grant()

    def teardown(self) -> None:
        with self.ends:
            self.world.calm()


TestTwoProcesses = TwoProcesses.TestCase
TestTwoProcesses.settings = settings(
    max_examples=WORLDS or 40,
    stateful_step_count=50 if WORLDS else 30,
    derandomize=not WORLDS,
    database=None,
    print_blob=True,
    phases=(Phase.generate, Phase.shrink) if WORLDS else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
