"""A program of threads, to be run as a process of its own: its home, and what it does.

    HOME sign-in|pending|fork|fork-in-block

It says what it sees in lines of words, and comes to its end as any program does.
"""

import os
import sys
import threading

import anyio

from signedin import Attempt, SignedinError
from signedin.sync import Connection


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def nobody_comes(attempt: Attempt) -> None:
    """A person who reads the address, and does nothing."""
    say("shown")
    await anyio.sleep_forever()


def fork(connection: Connection) -> None:
    """The child goes on with the connection, and then its parent does."""
    if child := os.fork():
        say("child ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        connection.refresh()
        say(connection.snapshot.generation)
        return
    connection.refresh()
    say("child", connection.snapshot.generation)
    os._exit(0)


def fork_in_block(connection: Connection) -> None:
    """The child takes its leave of a block that is the parent's."""
    pid = os.getpid()
    with connection.authorize() as attempt:
        child = os.fork()
        if child:
            say("child ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        else:
            try:
                attempt.done()
            except SignedinError as refused:
                say("child", refused.case)
    if os.getpid() != pid:
        os._exit(0)
    say(connection.state.value)


def leave_pending(connection: Connection) -> None:
    """A thread never leaves its block."""
    begun = threading.Event()

    def stay() -> None:
        with connection.authorize():
            begun.set()
            threading.Event().wait()

    threading.Thread(target=stay, daemon=True).start()
    begun.wait()
    say("leaving")


def main(home: str, work: str) -> None:
    with Connection.open(app_name="Acme Notes", provider="sandbox", home=home, prompt=nobody_comes) as connection:
        match work:
            case "sign-in":
                connection.sign_in()
            case "pending":
                leave_pending(connection)
            case "fork":
                fork(connection)
            case _:
                fork_in_block(connection)


if __name__ == "__main__":
    main(*sys.argv[1:])
