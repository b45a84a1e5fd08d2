"""Reads TwiML strictly: what Twilio's library can write and the phone here would execute."""

from __future__ import annotations

import inspect
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from twilio.twiml.voice_response import Dial, Start, VoiceResponse

from phone.twiml import read_document

VERBS = {"Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Dial", "Start"}
NESTED = {
    "Gather": {"Say", "Play", "Pause"},
    "Dial": {"Number", "Sip", "Client", "Queue"},
    "Start": {"Recording"},
}
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
            assert child.tag in NESTED.get(verb.tag, set())
            _check_attributes(child)
    for said in root.iter("Say"):
        assert said.text
        assert len(said.text) <= SAY_MOST
    return root


def spoken(root: Element) -> list[str]:
    """What the caller hears, in order."""
    return [said.text or "" for said in root.iter("Say")]


def _check_attributes(element: Element) -> None:
    owners = {tag: owner for owner in (Dial, Start) for tag in NESTED[owner.__name__]}
    owner = owners.get(element.tag, VoiceResponse)
    known = inspect.signature(getattr(owner, element.tag.lower())).parameters
    camel = {_camel(name) for name in known}
    assert set(element.attrib) <= camel, f"{element.tag}: {set(element.attrib) - camel}"


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)
