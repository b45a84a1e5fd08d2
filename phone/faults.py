"""What goes wrong on the carrier's side of a call, with the carrier's own error numbers."""

from __future__ import annotations

# Number → its title in the carrier's error dictionary (twilio.com/docs/api/errors).
TITLES = {
    11200: "HTTP retrieval failure",
    11205: "HTTP connection failure",
    11215: "HTTP too many redirects",
    11243: "HTTP retry policy is invalid",
    11750: "TwiML response body too large",
    11770: "Empty TwiML response body",
    12100: "Document parse failure",
    12200: "Schema validation warning",
    12300: "Invalid Content-Type",
    13212: "Dial: invalid timeout value",
    13223: "Dial: invalid phone number format",
    13243: "Dial->Sip: invalid SIP URI",
    13310: "Gather: invalid finishOnKey value",
    13312: "Gather: invalid method value",
    13313: "Gather: invalid timeout value",
    13314: "Gather: invalid numDigits value",
    13320: "Gather: invalid nested verb",
    13326: "Gather: invalid input value",
    13327: "Gather: invalid speechTimeout value",
    13328: "Gather: invalid maxSpeechTime value",
    13335: "Gather: speechTimeout auto is not supported with a speechModel",
    13410: "Play: invalid loop value",
    13420: "Play: invalid Content-Type",
    13510: "Say: invalid loop value",
    13520: "Say: invalid text",
    13611: "Record: invalid timeout value",
    13612: "Record: invalid maxLength value",
    13613: "Record: invalid finishOnKey value",
    13710: "Redirect: invalid method value",
    13910: "Pause: invalid length value",
    31901: "Stream: WebSocket connection timeout",
    31902: "Stream: WebSocket connection refused",
    31920: "Stream: WebSocket handshake error",
    31921: "Stream: WebSocket close error",
    31922: "Stream: invalid URL scheme",
    31923: "Stream: malformed URL",
    31941: "Stream: invalid track",
    31950: "Stream: malformed message",
    31951: "Stream: invalid message",
    64101: "ConversationRelay: invalid parameters",
    64102: "Unable to connect to websocket URL",
    64105: "Websocket ended",
    64107: "Invalid message received",
}


class CallFault(Exception):
    """Something that ends a document's execution. `code` is the carrier's number for it."""

    def __init__(self, code: int, detail: str) -> None:
        title = TITLES[code]
        super().__init__(f"{code} {title}: {detail}" if detail else f"{code} {title}")
        self.code = code
        self.detail = detail


class TwimlFault(CallFault):
    """A document that the carrier would reject or warn of."""


class WebhookFault(CallFault):
    """A webhook that brought no usable answer; `url` is where it went."""

    def __init__(self, code: int, detail: str, url: str) -> None:
        super().__init__(code, detail)
        self.url = url


class SocketFault(Exception):
    """A live line could not be opened, or broke. `code` is the carrier's number for it."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Refused(Exception):
    """The request is answered with an error of the REST interface."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def body(self) -> dict[str, object]:
        """The JSON of the answer."""
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
