from datetime import date

import pytest

from agents.schema import FieldSpec
from conversation.fields.address import Address
from conversation.fields.base import Context, Problem
from conversation.fields.text import Text

_CONTEXT = Context("en-IN", date(2026, 3, 2))
_TEXT = Text()
_ADDRESS = Address()
_REASON = FieldSpec(name="reason", kind="text", ask={"en-IN": "Why?"}, min_length=3, max_length=40)
_PLACE = FieldSpec(name="place", kind="address", ask={"en-IN": "Where?"})


@pytest.mark.parametrize(
    ("said", "text"),
    [
        *(("a toothache", "a toothache"), ("It is a toothache, please.", "a toothache")),
        *(
            ("um, well, I'd say no onions", "no onions"),
            ("because my tooth hurts", "my tooth hurts"),
        ),
        *(("क्योंकि दाँत में दर्द है", "दाँत में दर्द"), ("எனக்கு பல் வலி", "பல் வலி")),
        *(("എനിക്ക് പല്ലുവേദന ആണ്", "പല്ലുവേദന"), ("no", "no")),
    ],
)
def test_text_is_the_utterance_without_what_leads_in(said: str, text: str) -> None:
    (found,) = _TEXT.read(_REASON, said, _CONTEXT)

    assert (found.value, found.strong) == (text, False)


@pytest.mark.parametrize(
    "said", ["", "um", "okay", "I don't know", "why do you ask", "it is please"]
)
def test_fillers_and_questions_are_no_text(said: str) -> None:
    assert list(_TEXT.read(_REASON, said, _CONTEXT)) == []


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (" tooth \n ache ", "tooth ache"),
        ("ab", Problem("too_short", {"limit": "3"})),
        ("a" * 41, Problem("too_long", {"limit": "40"})),
        *((None, Problem("not_valid")), (5, Problem("not_valid")), ("...", Problem("not_valid"))),
    ],
)
def test_text_has_to_keep_within_its_limits(value: object, accepted: object) -> None:
    assert _TEXT.accept(_REASON, value, _CONTEXT) == accepted


@pytest.mark.parametrize("kind", [_TEXT, _ADDRESS])
def test_limits_that_leave_no_room_are_told(kind: Text | Address) -> None:
    assert not kind.check(_REASON)
    assert kind.check(_REASON.model_copy(update={"min_length": 50})) == (
        "min_length is larger than max_length",
    )


@pytest.mark.parametrize(
    ("said", "address", "strong"),
    [
        ("mhm 12 Temple Road", "12 Temple Road", False),
        ("all right, 12 Temple Road", "12 Temple Road", False),
        ("5 Main Street, Chennai", "5 Main Street, Chennai", False),
        ("my address is 5 Main Street, Chennai please", "5 Main Street, Chennai", True),
        ("um, I live at 12/3 Gandhi Road.", "12/3 Gandhi Road", True),
        ("it's flat 4, Rose Villa", "flat 4, Rose Villa", False),
        ("two of them, deliver to 7 Church Street, number 98450", "7 Church Street", True),
        ("a big one and my address is 45 MG Road and my phone is 98", "45 MG Road", True),
        ("my address is flat number 3, Rose Villa", "flat number 3, Rose Villa", True),
        ("my address is 5 Main Street, for tomorrow", "5 Main Street", True),
        ("no the address is 54 MG Road", "54 MG Road", True),
        ("मेरा पता है 5 गांधी रोड", "5 गांधी रोड", True),
        ("என் முகவரி 5 காந்தி ரோடு", "5 காந்தி ரோடு", True),
        ("എന്റെ വിലാസം 5 ഗാന്ധി റോഡ്", "5 ഗാന്ധി റോഡ്", True),
    ],
)
def test_an_address_keeps_its_figures(said: str, address: str, strong: bool) -> None:
    (found,) = _ADDRESS.read(_PLACE, said, _CONTEXT)

    assert (found.value, found.strong) == (address, strong)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Chennai",
        "my address is",
        "where do you deliver",
        "right, okay",
        "I don't know",
        "not sure",
    ],
)
def test_less_than_an_address_is_none(said: str) -> None:
    assert list(_ADDRESS.read(_PLACE, said, _CONTEXT)) == []


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("5  Main Street", "5 Main Street"),
        ("Chennai", Problem("too_short")),
        ("a " * 200, Problem("too_long", {"limit": "300"})),
        *((None, Problem("not_valid")), ({"street": 5}, Problem("not_valid"))),
    ],
)
def test_an_address_has_two_words_at_least(value: object, accepted: object) -> None:
    assert _ADDRESS.accept(_PLACE, value, _CONTEXT) == accepted


@pytest.mark.parametrize(("kind", "pause_s"), [(_TEXT, 2), (_ADDRESS, 3)])
def test_the_rest_of_the_contract(kind: Text | Address, pause_s: int) -> None:
    assert kind.read_keys(_PLACE, "5", _CONTEXT) is None
    assert kind.say_back(_PLACE, "5 Main Street", "ta-IN") == "5 Main Street"
    assert kind.keypad(_PLACE) is None
    assert kind.end_silence_s(_PLACE) == pause_s
    assert not kind.hints(_PLACE, "en-IN")
    assert kind.schema(_PLACE)["type"] == "string"
