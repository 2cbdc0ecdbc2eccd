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
        meaning="A sign-in for this account is waiting for its user already, here or in another terminal.",
        remedy="Finish it in its browser, or stop the process that began it (Ctrl-C there); then run {login}.",
    ),
    Case(
        id="port-in-use-other-tool",
        category=Category.ENVIRONMENT,
        exit_code=7,
        action="none",
        title="The port is taken",
        meaning="Another program listens where the browser must come back to, at each port that the provider allows.",
        remedy=(
            "End the other program's sign-in, or the program; then run {login}. Some providers allow another port "
            "(--port) or need none (--device)."
        ),
    ),
    Case(
        id="port-in-use-own-attempt",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="none",
        title="A newer sign-in took its place",
        meaning=(
            "Both needed the same port, and this one had no answer yet, so it made way. What was there before is "
            "untouched."
        ),
        remedy="Finish the newer sign-in first; if this one is still wanted, run {login} again.",
    ),
    Case(
        id="port-excluded-windows",
        category=Category.ENVIRONMENT,
        exit_code=7,
        action="none",
        title="The port is reserved by the system",
        meaning="The operating system keeps this port for itself, though nothing listens on it.",
        remedy=(
            "Some providers allow another port (--port) or need none (--device). What Windows reserves is listed by "
            "`netsh interface ipv4 show excludedportrange protocol=tcp`; a restart often frees it."
        ),
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
