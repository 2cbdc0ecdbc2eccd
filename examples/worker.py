"""A background worker that never prompts: it waits out an outage, and stops where a person is needed.

    python examples/worker.py

Its log goes to stderr. SIGTERM ends it wherever it is, with exit code 0: what is being renewed just then is saved all
the same. Exit code 4 says that somebody has to sign in, or to decide something.
"""

import logging
import signal
import sys
import threading
import time

from signedin import ConnectionFailed, ProviderError, State, TemporarilyUnavailable, Transition
from signedin.sync import Connection, ask

PAUSE = 60.0
"""Seconds between two rounds."""

log = logging.getLogger("worker")
back = threading.Event()


def hear(transition: Transition) -> None:
    if transition.visible:
        log.info("%s %s", transition.state.value, transition.case or "")
    if transition.state is State.CONNECTED:
        back.set()


def wait_out(outage: TemporarilyUnavailable) -> None:
    seconds = max(1.0, (outage.retry_at or 0) - time.time())
    log.warning("%s The next try is in %.0f s.", outage, seconds)
    back.clear()
    back.wait(seconds)  # or less, if the connection is back before: another process may have renewed it


def main() -> int:
    logging.basicConfig(format="%(name)s: %(message)s")
    log.setLevel(logging.INFO)  # its own alone: libraries tell each of their steps at this level
    signal.signal(signal.SIGTERM, lambda signal, frame: sys.exit())  # every `with` is left on the way
    with Connection.open(app_name="Acme Notes") as connection, connection.subscribe(hear):
        while True:
            try:
                log.info("%s", ask(connection, "Say hello in one line.").text())
                time.sleep(PAUSE)
            except TemporarilyUnavailable as outage:
                wait_out(outage)
            except ProviderError as refused:
                log.warning("%s", refused)
                time.sleep(PAUSE)
            except ConnectionFailed as needed:  # InteractionRequired, and what else no time will mend
                log.error("%s Open Acme Notes to see to it, then start me again.", needed)
                return 4


if __name__ == "__main__":
    sys.exit(main())
