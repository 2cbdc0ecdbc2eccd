"""Owns the steps that make a trouble on this machine, in the play's own home and on its own ports.

What is damaged is the play's; nothing of the user's is touched, and no setting of this process is changed.
"""

import json
import os
import socket
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

import anyio

from signedin import Attempt
from signedin.waiting import apart, wait
from signedin_adapters.web.board.stage import PATIENCE_SECONDS, Stage
from signedin_adapters.web.board.steps import Step

HURRY_SECONDS = 0.5
"""How long a sign-in is waited for that nobody completes."""
KNOCK_SECONDS = 2.0
"""How long for one that somebody knocks at in vain."""
LOOK_SECONDS = 1.2
"""An app looks once a second what others did to its files."""


# a browser that does not come back ----------------------------------------------------------------------------------


async def _nobody(_: Attempt) -> None:
    """The prompt of somebody who went away."""


async def _wait_in_vain(stage: Stage) -> None:
    await (await stage.connection()).sign_in(prompt=_nobody, seconds=HURRY_SECONDS)


async def _find_no_browser(stage: Stage) -> None:
    async def open_nothing(attempt: Attempt) -> None:
        attempt.timeout_case = "no-browser-headless"  # as a prompt says it whose opener failed

    await (await stage.connection()).sign_in(prompt=open_nothing, seconds=HURRY_SECONDS)


async def _come_back_by_https(stage: Stage) -> None:
    async def knock(attempt: Attempt) -> None:
        await wait(apart(lambda: _speak_tls(urlsplit(attempt.short_url or "").port or 0)))

    await (await stage.connection()).sign_in(prompt=knock, seconds=KNOCK_SECONDS)


def _speak_tls(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection, suppress(OSError):
        ssl.create_default_context().wrap_socket(connection, server_hostname="127.0.0.1")


async def _give_up(stage: Stage) -> None:
    async with (await stage.connection()).authorize() as attempt:
        attempt.cancel()
        await attempt.done()


async def _sign_in_twice(stage: Stage) -> None:
    connection = await stage.connection()
    async with connection.authorize() as first:
        try:
            await connection.sign_in(prompt=stage.browse, seconds=PATIENCE_SECONDS)
        finally:
            await stage.browse(first)
            await first.done()


NOBODY_COMES = Step(words="Ada begins to sign in, and nobody comes back from the browser.", act=_wait_in_vain)
NO_BROWSER = Step(words="Ada begins to sign in, and no browser can be opened.", act=_find_no_browser)
COMES_BACK_BY_HTTPS = Step(words="Ada's browser makes https of the app's address.", act=_come_back_by_https)
GIVES_UP = Step(words="Ada begins to sign in, and gives it up.", act=_give_up)
SIGNS_IN_TWICE = Step(
    words="Ada begins a second sign-in while the first one runs, which she then completes.", act=_sign_in_twice
)


# a port that is not to be had ---------------------------------------------------------------------------------------


async def _find_the_port_taken(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", stage.sandbox.codex_ports[0])):
        await (await stage.connection()).sign_in(prompt=stage.browse, seconds=PATIENCE_SECONDS)


async def _make_way(stage: Stage) -> None:
    async with (await stage.connection()).authorize() as older:
        newer = await stage.open(app_name="Another app")
        await newer.sign_in(prompt=stage.browse, seconds=PATIENCE_SECONDS)
        await older.done()


PORT_IS_TAKEN = Step(words="Another program has the port; Ada begins to sign in.", act=_find_the_port_taken)
ANOTHER_APP_SIGNS_IN = Step(words="Ada begins to sign in, then signs in to another app on that port.", act=_make_way)


# files and settings -------------------------------------------------------------------------------------------------


async def _lose_the_key(stage: Stage) -> None:
    os.unlink(stage.account().key)


async def _cut_the_session(stage: Stage) -> None:
    os.truncate(stage.account().session, 100)


async def _link_the_session(stage: Stage) -> None:
    os.link(stage.account().session, os.path.join(stage.home, "another-name"))


async def _write_a_newer_schema(stage: Stage) -> None:
    _as_newer(stage.account().session)


def _as_newer(session: str) -> None:
    """The session as a later version would have left it: its first line says so."""
    with open(session, "r+b") as file:
        first, _, rest = file.read().partition(b"\n")
        header = json.loads(first)
        file.seek(0)
        file.write(json.dumps(header | {"schema": header["schema"] + 1}).encode() + b"\n" + rest)


async def _move_to_another_machine(stage: Stage) -> None:
    os.unlink(stage.paths().host_id)


async def _sign_out_elsewhere(stage: Stage) -> None:
    stage.sign_out_elsewhere()
    await anyio.sleep(LOOK_SECONDS)


async def _end_the_provider(stage: Stage) -> None:
    stage.end_the_sandbox()


async def _set_a_proxy(stage: Stage) -> None:
    stage.configure('[network]\nproxy = "ftp://proxy.example"\n')


async def _set_a_ca_file(stage: Stage) -> None:
    stage.configure(f'[network]\nca_file = "{stage.home}/gone.pem"\n')


async def _name_the_addresses(stage: Stage) -> None:
    stage.configure(_acme(stage, stage.sandbox.api_base))


async def _change_the_addresses(stage: Stage) -> None:
    stage.configure(_acme(stage, f"{stage.sandbox.url}/elsewhere"))


def _acme(stage: Stage, api_base: str) -> str:
    return (
        f'[providers.acme]\nissuer = "{stage.sandbox.issuer}"\nclient_id = "dynamic_agent_client"\n'
        f'registration = "agent"\nresource = "{stage.sandbox.api_base}"\napi_base = "{api_base}"\n'
        'scopes = ["openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct"]\n'
    )


KEY_IS_LOST = Step(words="The key that seals the session is gone, as after half a backup.", act=_lose_the_key)
SESSION_IS_CUT = Step(words="The session's file is cut short.", act=_cut_the_session)
SESSION_HAS_TWO_NAMES = Step(words="The session's file has a second name, so it is not trusted.", act=_link_the_session)
SCHEMA_IS_NEWER = Step(words="A newer version wrote the session.", act=_write_a_newer_schema)
MOVES_TO_ANOTHER_MACHINE = Step(words="The files are on another machine now.", act=_move_to_another_machine)
SIGNED_OUT_ELSEWHERE = Step(words="Another process signs out; a second goes by.", act=_sign_out_elsewhere)
PROVIDER_IS_GONE = Step(words="The sandbox ends: nobody listens at its address.", act=_end_the_provider)
PROXY_IS_ODD = Step(words="config.toml names a proxy that nobody here can speak to.", act=_set_a_proxy)
CA_FILE_IS_GONE = Step(words="config.toml names a file of certificates that is not there.", act=_set_a_ca_file)
ADDRESSES_ARE_NAMED = Step(words="config.toml describes a provider.", act=_name_the_addresses)
ADDRESSES_CHANGE = Step(words="Somebody changes that provider's address.", act=_change_the_addresses)
