"""What is wrong with a connection, for any Textual app: in plain words, with a button for what `case.action` says."""

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Button, Static

from signedin import Case, Connection, SignedinError
from signedin.cases import find
from signedin_adapters.browser import open_browser
from signedin_adapters.cli import commands
from textual_sign_in import SignIn

ACCOUNT = commands("Acme Notes", "acme account")
BUTTONS = {
    "sign_in": "Sign in",
    "enable_plan": "Turn plan use on",
    "open_url": "Open the page",
    "unlock_store": "Try again",
    "wait": "Try again",
}


class Trouble(Vertical):
    DEFAULT_CSS = "Trouble { height: auto; margin: 1 2 0 2; padding: 1 2; border: round $warning; }"
    case: reactive[Case | None] = reactive(None, recompose=True)

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection

    def compose(self) -> ComposeResult:
        self.display = self.case is not None
        if self.case is not None:
            self.border_title = self.case.title
            yield Static(ACCOUNT.remedy(self.case.remedy))
            if self.case.action in BUTTONS:
                yield Button(BUTTONS[self.case.action], name=self.case.action, variant="primary")

    def tell(self, case: Case | None) -> None:
        self.case = case or self.connection.case

    def sign_in(self, *, consent: bool = False) -> None:
        self.app.push_screen(SignIn(self.connection, consent=consent), self.tell)

    @work
    async def on_button_pressed(self, pressed: Button.Pressed) -> None:
        action, page = pressed.button.name, self.case and self.connection.provider.address(self.case.page)
        if action == "open_url" and page:
            self.run_worker(lambda: open_browser(page), thread=True)
        elif action in ("sign_in", "enable_plan") or self.connection.needs_sign_in:
            self.sign_in(consent=action == "enable_plan")
        else:
            try:
                await self.connection.retry()
                self.tell(None)
            except SignedinError as error:
                self.tell(find(error.case))
