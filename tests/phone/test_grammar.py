"""The grammar against the library that its names come from."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
from twilio.twiml import TwiML
from twilio.twiml import voice_response as library

from phone.grammar import GRAMMAR


def _fill(function: Callable[..., object]) -> dict[str, str]:
    """A value for every named parameter."""
    return {
        one.name: "1"
        for one in inspect.signature(function).parameters.values()
        if one.kind is one.POSITIONAL_OR_KEYWORD and one.name != "self"
    }


ELEMENTS: dict[str, type[TwiML]] = {
    name: one
    for name, one in inspect.getmembers(library, inspect.isclass)
    if issubclass(one, TwiML) and one is not TwiML
}
# Not makers of children, and the old names that the library warns of.
OTHERS = {"add_child", "append", "nest", "comment", "to_xml", "xml", "add_text"}


def _children_of(element: type[TwiML]) -> list[TwiML]:
    """Everything that the library's element can hold, with every attribute set."""
    holder = element(**_fill(element.__init__))
    for name, method in inspect.getmembers(holder, inspect.ismethod):
        if not name.startswith(("_", "ssml_")) and name not in OTHERS:
            method(**_fill(method))
    children: list[TwiML] = holder.verbs
    return children


@pytest.mark.parametrize("name", sorted(ELEMENTS))
def test_every_child_and_attribute_of_the_library_is_known(name: str) -> None:
    element = ELEMENTS[name]
    for child in _children_of(element):
        if name == "Say" or name.startswith("Ssml"):
            allowed = GRAMMAR["Say"].children
        else:
            allowed = GRAMMAR[element(**_fill(element.__init__)).name].children
        assert child.name in allowed, f"<{child.name}> in <{name}>"
        missing = set(child.attrs) - GRAMMAR[child.name].attributes.keys()
        assert not missing, f"<{child.name}> lacks {missing}"


def test_every_child_in_the_grammar_is_an_element_of_it() -> None:
    for name, rules in GRAMMAR.items():
        assert rules.children <= GRAMMAR.keys(), name
