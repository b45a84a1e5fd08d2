"""Reads TwiML strictly: what Twilio's library can write and the phone here would execute."""

from __future__ import annotations

import inspect
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from twilio.twiml.voice_response import (
    Connect,
    ConversationRelay,
    Dial,
    Start,
    Stream,
    VoiceResponse,
)

from phone.twiml import read_document

VERBS = {"Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Dial", "Start", "Connect"}
NESTED = {
    "Gather": {"Say", "Play", "Pause"},
    "Dial": {"Number", "Sip", "Client", "Queue"},
    "Start": {"Recording"},
    "Connect": {"Stream", "ConversationRelay"},
    "Stream": {"Parameter"},
    "ConversationRelay": {"Language", "Parameter"},
}
OWNERS = (Dial, Start, Connect, Stream, ConversationRelay)
SIZE_MOST = 64 * 1024
SAY_MOST = 4_096


def read_twiml(document: str | bytes) -> Element:
    """The root of a document that Twilio would execute; AssertionError when it would not."""
    raw = document.encode() if isinstance(document, str) else document
    assert len(raw) < SIZE_MOST
    assert read_document(raw, "text/xml; charset=utf-8")  # by values too, with the error numbers
    root = ElementTree.fromstring(raw)
    assert (root.tag, root.attrib) == ("Response", {})
    assert len(root), "an empty document ends the call"
    for verb in root:
        assert verb.tag in VERBS
        _check_attributes(verb)
        for child in verb:
            _check_child(verb, child)
            for inner in child:
                _check_child(child, inner)
    for said in root.iter("Say"):
        assert said.text
        assert len(said.text) <= SAY_MOST
    return root


def spoken(root: Element) -> list[str]:
    """What the caller hears, in order."""
    return [said.text or "" for said in root.iter("Say")]


def _check_child(parent: Element, child: Element) -> None:
    assert child.tag in NESTED.get(parent.tag, set())
    _check_attributes(child)


def _check_attributes(element: Element) -> None:
    owners = {tag: owner for owner in OWNERS for tag in NESTED[owner.__name__]}
    owner = owners.get(element.tag, VoiceResponse)
    method = "conversation_relay" if element.tag == "ConversationRelay" else element.tag.lower()
    known = inspect.signature(getattr(owner, method)).parameters
    camel = {_camel(name) for name in known}
    assert set(element.attrib) <= camel, f"{element.tag}: {set(element.attrib) - camel}"


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)
