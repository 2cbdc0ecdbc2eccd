"""How fast a log is diagnosed, as a multiple of what `jq -c 'select(.case != null)'` does with the same file.

The log is the machine's own, 64 processes at a time, and one refresh in two hundred fails. Fails where the promise is
broken: 3 times jq's throughput on 200 MB, and 10 MB in half a second, the whole process counted.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from world.lives import Process, interleaved

PROMISE, SECONDS = 3.0, 0.5
ROUNDS = 5
AT_ONCE = 64
SIGNEDIN = os.path.join(os.path.dirname(sys.executable), "signedin")


def main() -> int:
    """Print what both take, and say whether the promises hold."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    asked.add_argument("--megabytes", type=int, default=200, help="how long the log is (%(default)d)")
    megabytes = asked.parse_args().megabytes
    with tempfile.TemporaryDirectory() as directory:
        small, large = (os.path.join(directory, name) for name in ("small.jsonl", "large.jsonl"))
        write(small, 10)
        write(large, megabytes)
        kept = well(small) & compare(large, megabytes)
    return 0 if kept else 1


def well(path: str) -> bool:
    """Whether a small log is read soon enough."""
    (taken,) = measured([SIGNEDIN, "diagnose", "--json", path])
    print(f"  10 MB                    {taken:5.2f} s   promised: at most {SECONDS} s")
    return taken <= SECONDS


def compare(path: str, megabytes: int) -> bool:
    """Whether a large log is read so many times faster than by jq; nothing is promised where that is missing."""
    command, jq = [SIGNEDIN, "diagnose", "--json", path], shutil.which("jq")
    ours, *others = measured(command, *([jq, "-c", "select(.case != null)", path],) if jq else ())
    print(f"  {megabytes} MB, signedin diagnose {ours:5.2f} s   {megabytes / ours:4.0f} MB/s")
    if not others:
        print("  jq is not installed, so there is nothing to compare with")
        return True
    (theirs,) = others
    print(f"  {megabytes} MB, jq                {theirs:5.2f} s   {megabytes / theirs:4.0f} MB/s")
    print(f"  promised: at least {PROMISE:.0f} × jq; it is {theirs / ours:.2f} ×")
    return theirs / ours >= PROMISE


def measured(*commands: list[str]) -> list[float]:
    """The median seconds of each, the whole process counted. They take turns: whatever else runs here slows all."""
    rounds = [[seconds(command) for command in commands] for _ in range(ROUNDS)]
    return [statistics.median(taken) for taken in zip(*rounds, strict=True)]


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
