"""Owns the checks of what holds the session: which store, whether it takes anything, whose files, of which schema.

What is written is one item of its own, in the directory and in the keyring, and it is removed at once. No directory
is made, no mode changed, and a keyring that would ask a person something is left alone.
"""

import os
from secrets import token_hex

from signedin.errors import StoreError
from signedin.facts import Fault
from signedin_adapters.doctor.check import Check, Finding, fail, ok, refused, sentence, skipped, warning
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.stores import durable, peek, sealing, trust
from signedin_adapters.stores.fields import SCHEMA
from signedin_adapters.stores.keyring_key import KeyringKeys

_PERMISSION, _TOO_OPEN, _SILENT = "file-permission-or-owner", "file-too-open", "store-unavailable"
_KINDS = {"keyring": "keyring", "file": "file", "passphrase": "file"}


def kind(patient: Patient) -> str:
    """The store that is used: "keyring", "file", "memory" or another's name."""
    if named := os.environ.get("SIGNEDIN_STORE"):
        return named
    if patient.session is not None:
        return _KINDS.get(patient.session.key_in, "file")
    if patient.provider is not None and not patient.provider.secret:
        return "file"
    return patient.facts.store or ("file" if os.environ.get("SIGNEDIN_PASSPHRASE_FILE") else "keyring")


def probe_keys(patient: Patient) -> KeyringKeys:
    """The keyring under a name where no account's key lies."""
    return KeyringKeys(f"{patient.paths.slug}:doctor")


def _home(patient: Patient) -> Finding:
    home = patient.paths.home
    if patient.answered:
        return ok(f"Everything lies in {home}.")
    return Finding(
        result="timeout",
        text=f"{home} could not be read in time.",
        action="If it lies on a network drive, see that the drive answers; or set SIGNEDIN_HOME to a local directory.",
        case=_SILENT,
    )


def _backend(patient: Patient) -> Finding:
    used, session = kind(patient), patient.session
    if session is not None and used in ("keyring", "file") and _KINDS.get(session.key_in) != used:
        lies = "in the OS keyring" if session.key_in == "keyring" else "in a file"
        return fail(
            f"SIGNEDIN_STORE says {used}, and the key of this session lies {lies}.",
            action="Unset SIGNEDIN_STORE to use this session, or run {login} --again to have its key there.",
            case=_SILENT,
        )
    if used == "keyring":
        return _keyring(patient)
    if used == "file":
        return _key_file()
    if used == "memory":
        return ok("SIGNEDIN_STORE says memory: a session ends with its process.")
    return skipped(f"SIGNEDIN_STORE names {used}, which comes with other software.")


def _keyring(patient: Patient) -> Finding:
    keys = probe_keys(patient)
    try:
        keys.check_unlocked()
        keys.probe()
    except StoreError as error:
        if error.case == "keyring-backend-missing" and patient.session is None:
            return warning("No OS keyring answers here, so {login} asks where the key may lie.", case=error.case)
        return refused(error)
    return ok("The OS keyring is unlocked: a test entry was written, read and removed.")


def _key_file() -> Finding:
    path = os.environ.get("SIGNEDIN_PASSPHRASE_FILE")
    if not path:
        return ok("Keys lie in files that only you can read.")
    if not os.access(path, os.R_OK):
        return fail(
            f"SIGNEDIN_PASSPHRASE_FILE names {path}, which cannot be read.",
            action="Correct or unset SIGNEDIN_PASSPHRASE_FILE.",
            case=_SILENT,
        )
    if trust.too_open(path):
        return warning(
            f"Others may read {path}, which SIGNEDIN_PASSPHRASE_FILE names.",
            action=f"Run `chmod 600 {path}`.",
            case=_TOO_OPEN,
        )
    return ok("Keys lie in files, under the passphrase that SIGNEDIN_PASSPHRASE_FILE names.")


def _readwrite(patient: Patient) -> Finding:
    if kind(patient) == "memory":
        return skipped("Nothing is written.")
    if not peek.exists(patient.paths):
        return _could_be_made(patient)
    sample = os.path.join(patient.paths.accounts, f".probe-{os.getpid()}-{token_hex(4)}")
    durable.write(sample, bytes(sealing.SESSION_BYTES))
    durable.remove(sample)
    return ok("Files can be written there: a test file was written and removed.")


def _could_be_made(patient: Patient) -> Finding:
    directory = patient.paths.accounts
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    if not os.access(directory, os.W_OK | os.X_OK):
        return fail(
            f"{patient.paths.accounts} is not there yet, and you may not write to {directory}.",
            action=f"Make {directory} your own, or set SIGNEDIN_HOME to a directory of yours.",
            case=_PERMISSION,
        )
    return ok("Nothing lies there yet; the first sign-in makes the directory.")


def _permissions(patient: Patient) -> Finding:
    faults = _faults(patient)
    for fault in faults:
        if fault.case == _PERMISSION:
            return fail(sentence(fault.message), case=_PERMISSION, action="" if "`" in fault.message else None)
    for fault in faults:
        if fault.case == _TOO_OPEN:
            return warning(sentence(fault.message), case=_TOO_OPEN, action="")
    for path in _directories(patient):
        if trust.too_open(path):
            return warning(f"Others may look into {path}.", case=_TOO_OPEN, action=f"Run `chmod 700 {path}`.")
    return ok("Files and directories belong to you, and nobody else may read them.")


def _directories(patient: Patient) -> tuple[str, ...]:
    mine = (patient.paths.account(patient.account.id).directory,) if patient.account is not None else ()
    return *patient.paths.directories(), *mine


def _schema(patient: Patient) -> Finding:
    for fault in _faults(patient):
        if fault.case not in (_PERMISSION, _TOO_OPEN):
            return fail(sentence(fault.message), case=fault.case)
    return ok(f"All files are whole, and in a format that this version knows (schema {SCHEMA}).")


def _faults(patient: Patient) -> tuple[Fault, ...]:
    mine = patient.account.faults if patient.account is not None else ()
    return *patient.facts.faults, *mine


CHECKS = (
    Check(id="store.home", look=_home),
    Check(id="store.backend", look=_backend, after=("config.file",), silence=_SILENT),
    Check(id="store.readwrite", look=_readwrite, after=("store.permissions",), silence=_SILENT),
    Check(id="store.permissions", look=_permissions, after=("store.home",), silence=_SILENT),
    Check(id="store.schema", look=_schema, after=("store.permissions",)),
)
