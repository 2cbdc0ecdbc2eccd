"""Acme Notes in a terminal: who is signed in, a button against what is wrong, and an answer as it comes.

Run it with `python examples/textual_app.py`.
"""

from textual import work
from textual.app import App, ComposeResult
from textual.widgets import Header, Input, Markdown

from signedin import Connection, SignedinError, State
from signedin.cases import find
from signedin.responses import ask
from textual_trouble import Trouble


class AcmeNotes(App[None]):
    TITLE = "Acme Notes"
    CSS = "Markdown { height: 1fr; margin: 1 2; overflow-y: auto; }"
    connection: Connection

    def compose(self) -> ComposeResult:
        yield Header()
        yield Markdown()
        yield Input(placeholder="Ask something")

    async def on_mount(self) -> None:
        self.connection = await Connection.open(app_name="Acme Notes")
        self.connection.subscribe(lambda _: self.call_later(self.show))  # it may be another thread that tells
        await self.mount(Trouble(self.connection), before="Markdown")
        self.show()
        if self.connection.needs_sign_in:
            self.query_one(Trouble).sign_in()

    async def on_unmount(self) -> None:
        await self.connection.aclose()

    def show(self) -> None:
        seen = self.connection.snapshot
        self.sub_title = f"{seen.email or 'nobody yet'}, {seen.state.value}"
        self.query_one(Trouble).tell(seen.case)

    @work(exclusive=True)
    async def on_input_submitted(self, question: Input.Submitted) -> None:
        text = self.query_one(Markdown)
        await text.update("")
        try:
            async with ask(self.connection, question.value) as answer:
                async for piece in answer:
                    await text.append(piece)
        except SignedinError as error:
            trouble = self.query_one(Trouble)
            if self.connection.state is State.DISCONNECTED:
                trouble.sign_in()
            else:
                trouble.tell(find(error.case))


if __name__ == "__main__":
    AcmeNotes().run()
