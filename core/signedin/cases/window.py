"""The cases of a browser that does not come up."""

from signedin.cases.case import Case
from signedin.states import Category

CASES = (
    Case(
        id="no-browser-headless",
        category=Category.ENVIRONMENT,
        exit_code=3,
        action="open_url",
        title="No browser could be opened",
        meaning="This machine has no browser that a program may open.",
        remedy="Open the printed address on any machine and paste the address it ends at.",
    ),
    Case(
        id="login-in-progress",
        category=Category.NEEDS_USER,
        exit_code=8,
        action="wait",
        title="Another sign-in is running",
        meaning="A sign-in for this account is already waiting for a browser, here or in another terminal.",
        remedy="Finish it in its browser, or stop the process that began it (Ctrl-C there); then run {login}.",
    ),
    Case(
        id="port-in-use-other-tool",
        category=Category.ENVIRONMENT,
        exit_code=7,
        action="none",
        title="The port is taken",
        meaning="Another program listens on the port that the browser must come back to.",
        remedy="Close the other program's sign-in, or choose another port with --port where the provider allows it.",
    ),
    Case(
        id="port-excluded-windows",
        category=Category.ENVIRONMENT,
        exit_code=7,
        action="none",
        title="The port is reserved by the system",
        meaning="The operating system keeps this port for itself, though nothing listens on it.",
        remedy="Choose another port with --port, or restart the machine.",
    ),
    Case(
        id="listener-silent",
        category=Category.ENVIRONMENT,
        exit_code=7,
        action="none",
        title="Nothing may listen on this machine",
        meaning="The browser has to come back to this machine, and the system lets no program wait for it there.",
        remedy="Run {login} where a program may listen on 127.0.0.1: sandboxes and some containers forbid it.",
    ),
)
