"""A screen to sign in on, for any Textual app: `app.push_screen(SignIn(connection), tell)`.

Leaving it cancels the sign-in; `tell` gets the case of one that failed, else None.
"""

import time

from textual import work
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Link

from signedin import Attempt, Case, Connection, SignedinError
from signedin.cases import find
from signedin_adapters.browser import open_browser


class SignIn(ModalScreen[Case | None]):
    BINDINGS = [("escape", "dismiss", "Cancel")]
    CSS = """
    SignIn { align: center middle; }
    SignIn Vertical { width: 64; height: auto; padding: 1 2 0 2; background: $surface; border: round $primary; }
    SignIn Vertical > * { margin-bottom: 1; }
    """
    attempt: Attempt

    def __init__(self, connection: Connection, *, consent: bool = False, device: bool = False) -> None:
        super().__init__()
        self.connection, self.consent, self.device = connection, consent, device

    @work
    async def on_mount(self) -> None:
        try:
            async with self.connection.authorize(consent=self.consent, device=self.device) as self.attempt:
                await self.show(self.attempt)
                self.run_worker(lambda: open_browser(self.attempt.url), thread=True)
                await self.attempt.done()
            self.dismiss(None)
        except SignedinError as error:
            self.dismiss(find(error.case))

    async def show(self, attempt: Attempt) -> None:
        how = f"Type {attempt.user_code} at" if attempt.user_code else "Sign in with your browser:"
        pasted = Input(placeholder="A page that does not load? Paste its address", disabled="paste" not in attempt.ways)
        page, cancel = Link(attempt.short_url or attempt.url), Button("Cancel", action="screen.dismiss")
        await self.mount(Vertical(Label(how), page, pasted, Label(id="left"), cancel))
        self.count_down()
        self.set_interval(1, self.count_down)

    def count_down(self) -> None:
        minutes, seconds = divmod(max(0, int(self.attempt.deadline - time.time())), 60)
        self.query_one("#left", Label).update(f"{minutes}:{seconds:02} left")

    async def on_input_submitted(self, pasted: Input.Submitted) -> None:
        pasted.stop()  # it is no question for the app
        try:
            await self.attempt.submit(pasted.value)
        except SignedinError as error:
            self.notify(error.message, severity="warning")
