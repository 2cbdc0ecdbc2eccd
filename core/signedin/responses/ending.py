"""Owns how a streamed answer ends: what the account learns of it, and the error where it is no whole answer.

A limit in the middle raises its flag, half an answer is none, and a network's own page is no answer at all. It takes in
what others read; it reads nothing itself.
"""

import httpx

from signedin.account import Account
from signedin.auth import call_name, went_well
from signedin.classify.api import code_finding
from signedin.errors import AnswerRefused, SignedinError, TransportFailed
from signedin.oauth.refusal import unreadable
from signedin.responses import refusal
from signedin.responses.api_request import plain
from signedin.responses.event_stream import EventParser, OversizedEvent
from signedin.responses.transcript import Transcript
from signedin.states import Flag

_CALL = call_name("POST")
_CUT = "stream-incomplete"


class Ending:
    """The end of the answer that `response` began, which the account is told once.

    The events go to `transcript`. `over` tells that nothing which follows can matter.
    """

    def __init__(self, response: httpx.Response, account: Account, transcript: Transcript) -> None:
        self.over = False
        self._response, self._account, self._transcript = response, account, transcript
        self._parser = EventParser()
        self._begun = self._told = False

    def feed(self, piece: bytes) -> list[str]:
        """Take in the next piece, and give the text in it. Raises AnswerRefused where the answer is a page.

        An event that is too large leaves nothing to be made out: the account is told so by `require_whole` alone,
        since others may read on.
        """
        texts: list[str] = []
        if self.over:
            return texts
        if not self._begun:
            self._begin(piece)
        transcript = self._transcript
        try:
            for event in self._parser.feed(piece):
                if text := transcript.take(event):
                    texts.append(text)  # noqa: PERF401 - what came before an error counts
        except OversizedEvent:
            transcript.break_off("too-large")
            self.over = True
        else:
            if transcript.status != "in_progress":
                self._tell()
        return texts

    def break_off(self) -> None:
        """The stream ended, or its connection broke, before the answer was over."""
        if not self.over:
            self._transcript.break_off("reset")
            self._tell()

    def leave(self) -> None:
        """Nobody reads on: where it was answering, it was left for nothing that it said."""
        if not self.over and self._transcript.text:
            went_well(self._account, "POST")
        self.over = True

    def require_whole(self) -> None:
        """Raises AnswerRefused, UnknownModel or TransportFailed for all but a whole answer."""
        error = self._error()
        if error is not None:
            self._tell()
            raise error

    def _begin(self, piece: bytes) -> None:
        self._begun = True
        if piece.lstrip()[:1] == b"<":
            self._transcript.break_off("reset")
            self.over = self._told = True
            with self._account.failures.noted(_CALL):
                raise unreadable(plain(self._response), "stream of events")

    def _tell(self) -> None:
        if self._told:
            return
        self.over = self._told = True
        error = self._error()
        if error is None:
            went_well(self._account, "POST")
            self._account.lower_flag(Flag.MODELS_BLOCKED)
            return
        code, response = self._transcript.code, plain(self._response)
        finding = code_finding(code or "")
        if finding is not None and finding.flag is not None:
            self._account.raise_flag(finding.flag, finding.case)
        told = {"status": response.status, "code": code, "request_id": response.request_id}
        self._account.failures.note(_CALL, error.case, **told)

    def _error(self) -> SignedinError | None:
        transcript, response = self._transcript, plain(self._response)
        if transcript.status == "completed":
            return None
        if transcript.status == "failed":
            return refusal.of_code(transcript.code, response)
        if transcript.status == "incomplete" and transcript.broken is None:
            message = "The provider ended the answer before it was complete."
            return AnswerRefused(message, case=_CUT, status=response.status, request_id=response.request_id)
        return TransportFailed("The answer broke off.", kind=transcript.broken or "reset", sent=True, case=_CUT)
