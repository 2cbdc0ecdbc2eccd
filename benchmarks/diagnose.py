"""How fast a log is diagnosed, as a multiple of what `jq -c 'select(.case != null)'` does with the same file.

The log is the machine's own, 64 processes at a time, and one refresh in two hundred fails. Both take turns, and
the whole process counts. Promised, by the clock: 3 times jq's throughput on 200 MB, and 10 MB in half a second.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from results.options import options
from results.promise import Promise
from results.section import Section, tell
from world.lives import Process, interleaved

OPTIONS = {"megabytes": (200, "of the long log"), "rounds": (5, "in which both read it")}
PROMISE, SECONDS = 3.0, 0.5
AT_ONCE = 64
SIGNEDIN = os.path.join(os.path.dirname(sys.executable), "signedin")


def main() -> int:
    """Measure both, and say what came of it."""
    asked = options(__doc__, OPTIONS)
    with tempfile.TemporaryDirectory() as directory:
        small, large = (os.path.join(directory, name) for name in ("small.jsonl", "large.jsonl"))
        write(small, 10)
        write(large, asked.megabytes)
        rows, promises = compare(large, asked.megabytes, asked.rounds)
        soon = statistics.median(*measured(asked.rounds, [SIGNEDIN, "diagnose", "--json", small]))
    rows.append(("10 MB, signedin diagnose", f"{soon:.2f} s", f"{10 / soon:.0f}"))
    promises.append(Promise(name="10 MB", measured=soon, at_most=SECONDS, unit="s"))
    table = [("log and command", "taken", "MB a second"), *rows]
    notes = [] if shutil.which("jq") else ["jq is not installed: the first promise was not measured"]
    return tell("diagnose", Section(title="Diagnosis", words=__doc__, tables=[table], promises=promises, notes=notes))


def compare(path: str, megabytes: int, rounds: int) -> tuple[list[tuple[str, str, str]], list[Promise]]:
    """How fast a large log is read by either; nothing is promised where jq is missing."""
    commands, jq = {"signedin diagnose": [SIGNEDIN, "diagnose", "--json", path]}, shutil.which("jq")
    if jq:
        commands["jq"] = [jq, "-c", "select(.case != null)", path]
    taken = measured(rounds, *commands.values())
    each = {name: statistics.median(turns) for name, turns in zip(commands, taken, strict=True)}
    rows = [(f"{megabytes} MB, {name}", f"{took:.2f} s", f"{megabytes / took:.0f}") for name, took in each.items()]
    if not jq:
        return rows, []
    ratio = statistics.median(theirs / ours for ours, theirs in zip(*taken, strict=True))
    return rows, [Promise(name="signedin diagnose against jq", measured=ratio, at_least=PROMISE)]


def measured(rounds: int, *commands: list[str]) -> list[list[float]]:
    """The seconds of each, the whole process counted. They take turns: whatever else runs here slows all."""
    turns = [[seconds(command) for command in commands] for _ in range(rounds)]
    return [list(taken) for taken in zip(*turns, strict=True)]


def seconds(command: list[str]) -> float:
    """How long a process takes."""
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def write(path: str, megabytes: int) -> None:
    """A log of this length: some processes' lives, over and over under other names."""
    chance, left = random.Random(1), megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as directory, open(path, "wb") as file:
        lives = [life(directory, number, chance) for number in range(AT_ONCE)]
        while left > 0:
            again = [renamed(lines, chance) for lines in lives]
            left -= sum(len(line) for lines in again for line in lines)
            file.writelines(interleaved(again, chance=chance))


def life(directory: str, number: int, chance: random.Random) -> list[bytes]:
    """The lines of one process."""
    process = Process(directory, f"account {number % 16}", at=1_790_000_000.0)
    process.live(chance, trouble=0.005)
    return process.lines


def renamed(lines: list[bytes], chance: random.Random) -> list[bytes]:
    """The same life, of another run with another account."""
    record = json.loads(lines[1])
    run, account = record["run"].encode(), record["account"].encode()
    new_run, new_account = b"%016x" % chance.getrandbits(64), b"account-%016x" % chance.getrandbits(64)
    return [line.replace(run, new_run, 1).replace(account, new_account, 1) for line in lines]


if __name__ == "__main__":
    sys.exit(main())
