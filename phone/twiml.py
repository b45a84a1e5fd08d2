"""Reads a call document the way the carrier does, and refuses what the carrier would.

The carrier only warns of some of this and goes on; here every finding ends the document, so that
a mistake cannot hide in a log. Sources: twilio.com/docs/api/errors, twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from phone.faults import TwimlFault
from phone.grammar import GRAMMAR, RESPONSE, Element
from phone.values import SCHEMA

# Sizes of twilio.com/docs/api/errors/11750 (64 KB) and 13520 (characters of one <Say>).
DOCUMENT_MOST_BYTES = 64 * 1024
SAY_MOST_CHARACTERS = 4096
# Of a name and its value together (twilio.com/docs/voice/twiml/stream).
PARAMETER_MOST_CHARACTERS = 500

# The carrier also takes audio and plain text as documents; an app that sends those by accident
# is what this phone is there to find.
DOCUMENT_TYPES = frozenset({"text/xml", "application/xml"})

_XML_NAMESPACE = "{http://www.w3.org/XML/1998/namespace}"


@dataclass(frozen=True, slots=True)
class Node:
    """One element of a checked document."""

    name: str
    attributes: Mapping[str, str]
    text: str  # with that of the speech marks in it, runs of white space as one space
    children: tuple[Node, ...]

    def get(self, attribute: str, default: str = "") -> str:
        """The attribute's value, or `default` when it is not there."""
        return self.attributes.get(attribute, default)

    def says(self, attribute: str, default: bool) -> bool:
        """A true/false attribute."""
        return self.attributes.get(attribute, str(default).lower()) == "true"

    def number(self, attribute: str, default: int) -> int:
        """A whole-number attribute."""
        return int(self.attributes.get(attribute, default))


def read_document(body: bytes, content_type: str) -> tuple[Node, ...]:
    """The verbs of a document in order. TwimlFault with the carrier's number when it is refused."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in DOCUMENT_TYPES:
        raise TwimlFault(12300, f"{content_type or 'none'}; send text/xml")
    if len(body) > DOCUMENT_MOST_BYTES:
        raise TwimlFault(11750, f"{len(body)} bytes, {DOCUMENT_MOST_BYTES} at most")
    return read_text(body)


def read_text(body: bytes | str) -> tuple[Node, ...]:
    """The verbs of a document that did not come over HTTP (the `Twiml` of a REST request)."""
    if not body.strip():
        raise TwimlFault(11770, "")
    root = _parse(body)
    if root.tag != RESPONSE:
        raise TwimlFault(SCHEMA, f"the document begins with <{root.tag}> instead of <{RESPONSE}>")
    return _node(root).children


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses document type declarations, and with them every kind of entity expansion."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise TwimlFault(12100, "a document type declaration is not allowed")


def _parse(body: bytes | str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(body, ElementTree.XMLParser(target=_NoDoctype()))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise TwimlFault(12100, str(error)) from error


def _node(element: ElementTree.Element) -> Node:
    rules = GRAMMAR[element.tag]
    attributes = {
        name.replace(_XML_NAMESPACE, "xml:"): value for name, value in element.attrib.items()
    }
    _check_attributes(element.tag, rules, attributes)
    _check_text(element, rules)
    children = []
    for child in element:
        if child.tag not in GRAMMAR:
            raise TwimlFault(SCHEMA, f"<{child.tag}> is not a verb or noun")
        if child.tag not in rules.children:
            raise TwimlFault(rules.nesting, f"<{child.tag}> may not stand in <{element.tag}>")
        children.append(_node(child))
    node = Node(element.tag, attributes, _text_of(element), tuple(children))
    meaning = _MEANING.get(node.name)
    if meaning is not None:
        meaning(node)
    return node


def _check_attributes(tag: str, rules: Element, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        rule = rules.attributes.get(name)
        if rule is None:
            raise TwimlFault(SCHEMA, f"<{tag}> has no attribute {name!r}")
        if not rule.check(value):
            raise TwimlFault(rule.code, f"<{tag} {name}={value!r}>: write {rule.wanted}")


def _check_text(element: ElementTree.Element, rules: Element) -> None:
    own = [element.text or "", *(child.tail or "" for child in element)]
    if not rules.text and any(part.strip() for part in own):
        raise TwimlFault(SCHEMA, f"<{element.tag}> may not hold text")


def _text_of(element: ElementTree.Element) -> str:
    if element.tag == "Say":
        words = "".join(element.itertext())
    else:
        words = "".join([element.text or "", *(child.tail or "" for child in element)])
    return " ".join(words.split())


def _check_gather(node: Node) -> None:
    if node.get("speechTimeout") == "auto" and node.get("speechModel"):
        raise TwimlFault(13335, "write a number of seconds, or no speechModel")


def _check_say(node: Node) -> None:
    if not node.text:
        raise TwimlFault(13520, "there is nothing to say")
    if len(node.text) > SAY_MOST_CHARACTERS:
        raise TwimlFault(13520, f"{len(node.text)} characters, {SAY_MOST_CHARACTERS} at most")


def _check_play(node: Node) -> None:
    if not node.text and not node.get("digits"):
        raise TwimlFault(SCHEMA, "<Play> has neither an address nor digits")


def _check_dial(node: Node) -> None:
    if not node.text and not node.children:
        raise TwimlFault(13223, "there is nobody to dial")
    if node.text:
        _check_number(node)


def _check_number(node: Node) -> None:
    if not re.fullmatch(r"\+?[0-9][0-9 ().-]{2,24}", node.text):
        raise TwimlFault(13223, node.text)


def _check_sip(node: Node) -> None:
    if not node.children and not re.fullmatch(r"sips?:[^\s@]+@[^\s@]+", node.text):
        raise TwimlFault(13243, node.text)


def _check_socket(node: Node) -> None:
    if not node.get("url") and not node.get("connectorName"):
        raise TwimlFault(SCHEMA, f"<{node.name}> has no url")


def _check_connect(node: Node) -> None:
    if len(node.children) != 1:
        raise TwimlFault(SCHEMA, f"<Connect> holds {len(node.children)} nouns instead of one")
    noun = node.children[0]
    if noun.name == "Stream" and noun.get("track", "inbound_track") != "inbound_track":
        raise TwimlFault(31941, f"{noun.get('track')}; a stream both ways has the inbound track")


def _check_stream(node: Node) -> None:
    _check_socket(node)
    for parameter in node.children:
        length = len(parameter.get("name") + parameter.get("value"))
        if length > PARAMETER_MOST_CHARACTERS:
            raise TwimlFault(SCHEMA, f"a <Parameter> of {length} characters")


# What attributes and text must be together, beyond what each of them may be.
_MEANING: Mapping[str, Callable[[Node], None]] = {
    "Gather": _check_gather,
    "Say": _check_say,
    "Play": _check_play,
    "Dial": _check_dial,
    "Number": _check_number,
    "Sip": _check_sip,
    "ConversationRelay": _check_socket,
    "Connect": _check_connect,
    "Stream": _check_stream,
}
