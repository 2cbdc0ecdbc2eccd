"""Owns the judgement of what was observed: which case it is, and for a refresh, which event.

One module for each kind of observation; whoever meets one gathers plain values and asks here:

    answer     an answer of the authorization server that is no success: status, headers, code
    grant      what a refresh or the exchange of a code came to
    device     what asking for a device code, or after it, came to
    callback   the error that a browser came back with
    api        an answer of the API, or a code inside its stream
    transport  no answer: the kind of the failure
    clock      how far the server's clock is away
    disk       a file that cannot be used: errno, or Windows' number
    keyring    what a keyring raised: names and numbers
    listening  ports that could not be had: errno for each
    place      which reasons a machine's markers speak for

Everything here is pure and total: no I/O, never an exception, and each answer is an id of the catalogue, or None where
that is said. By code before status, each code scoped to its endpoint; what is not known stays unclassified, and keeps
the credential. What each case means is told in `cases`, what it does to the state in `table`.

This file imports nothing: `disk` is asked on the path of `status`.
"""
