"""Writes the TwiML that connects a call to a socket of ours, and where the call goes after it.

Source: twilio.com/docs/voice/twiml/connect and /stream.
"""

from __future__ import annotations

from providers.telephony.base import Connection
from providers.telephony.twilio.document import (
    HEAD,
    REPORT_AGAIN,
    TAIL,
    redirect,
    xml_attribute,
)

# Name of the parameter that comes back in the first message of the socket. An address of a socket
# may have no query, and the carrier sends no headers of ours.
TOKEN = "token"


def stream(connection: Connection) -> str:
    """The whole document for a socket that carries the sound of a call, both ways."""
    status = ""
    if connection.status:
        status = (
            f' statusCallback="{xml_attribute(connection.status + REPORT_AGAIN)}"'
            ' statusCallbackMethod="POST"'
        )
    return connected(
        f'<Stream url="{xml_attribute(connection.socket)}"{status}>{token(connection)}</Stream>',
        connection,
    )


def connected(noun: str, connection: Connection, action: str = "") -> str:
    """A document around what stands in `<Connect>`. `action`: where the carrier goes at its end.

    The redirect is there whatever happens: a socket that never opened, was lost or closed by us
    ends `<Connect>`, and without anything after it the call would be over.
    """
    asked = f' action="{xml_attribute(action)}" method="POST"' if action else ""
    return f"{HEAD}<Connect{asked}>{noun}</Connect>{redirect(connection.resume)}{TAIL}"


def token(connection: Connection) -> str:
    """The parameter that proves which call it is."""
    return f'<Parameter name="{TOKEN}" value="{xml_attribute(connection.token)}"/>'
