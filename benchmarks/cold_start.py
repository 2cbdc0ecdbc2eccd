"""How long `signedin` takes to look, as a multiple of a Python that does nothing: whole processes, interleaved.

A ratio within one run says the same on a fast and on a slow machine. Fails where the promise of 4 is broken.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack

PROMISE = 4.0
ROUNDS = 40
SIGNEDIN = os.path.join(os.path.dirname(sys.executable), "signedin")


def main() -> int:
    """Print a line for each way to look, and say whether the promise holds."""
    with ExitStack() as stack:
        healthy, empty = (stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        sign_in(healthy)
        ways = {
            "python -c pass": ([sys.executable, "-c", "pass"], empty),
            "signedin, healthy home": ([SIGNEDIN], healthy),
            "signedin, empty home": ([SIGNEDIN], empty),
            "signedin status --json": ([SIGNEDIN, "status", "--json"], healthy),
            "signedin --help": ([SIGNEDIN, "--help"], empty),
            "signedin --version": ([SIGNEDIN, "--version"], empty),
        }
        seconds = measure({name: starter(command, home) for name, (command, home) in ways.items()})
    base = seconds["python -c pass"]
    for name, taken in seconds.items():
        print(f"  {name:<24} {taken * 1000:6.1f} ms  {taken / base:4.2f} ×")
    worst = max(seconds.values()) / base
    print(f"  promised: at most {PROMISE:.0f} ×; the worst is {worst:.2f} ×")
    return 0 if worst <= PROMISE else 1


def measure(starts: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """The median seconds of each, one of each kind after the other, so that a busy machine is busy for all."""
    taken: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(ROUNDS):
        for name, start in starts.items():
            begun = time.perf_counter()
            start()
            taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(each) for name, each in taken.items()}


def starter(command: list[str], home: str) -> Callable[[], None]:
    """What runs one whole process in a home of its own."""
    environment = {"PATH": os.environ.get("PATH", ""), "SIGNEDIN_HOME": home}

    def start() -> None:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    return start


def sign_in(home: str) -> None:
    """Leave a signed-in account in the home, by way of the sandbox."""
    import anyio

    from signedin import Attempt, Connection
    from signedin_adapters.sandbox import Sandbox

    with Sandbox(auto_approve=True).running() as sandbox:
        with open(os.path.join(home, "sandbox.json"), "w", encoding="utf-8") as file:
            json.dump({"url": sandbox.url, "issuer": sandbox.issuer, "api_base": sandbox.api_base}, file)

        async def visit(attempt: Attempt) -> None:
            await attempt.submit(await anyio.to_thread.run_sync(sandbox.sign_in, attempt.url))

        async def signing_in() -> None:
            async with Connection.open(app_name="signedin", provider="sandbox", home=home) as connection:
                await connection.sign_in(prompt=visit)

        anyio.run(signing_in)


if __name__ == "__main__":
    sys.exit(main())
