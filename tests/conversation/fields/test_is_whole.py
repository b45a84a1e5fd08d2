"""Whether an answer is whole, as each kind of field tells it."""

from __future__ import annotations

import pytest

from conversation.fields import KINDS, kind_of
from tests.conversation.talk import field

CHOICES: dict[str, object] = {
    "choices": [{"value": value} for value in ("small", "large", "extra large")]
}


@pytest.mark.parametrize(
    ("kind", "options", "text", "whole"),
    [
        ("yes_no", {}, "yes please", True),
        ("yes_no", {}, "the red one", None),
        ("choice", CHOICES, "small", True),
        ("choice", CHOICES, "extra large", True),
        ("choice", CHOICES, "extra", True),
        ("choice", CHOICES, "blue", None),
        ("choice", CHOICES, "small or large", None),
        ("phone", {"region": "IN"}, "98450 12345", True),
        ("phone", {"region": "IN"}, "0 98450 12345", True),
        ("phone", {"region": "IN"}, "98450", False),
        ("phone", {"region": "IN"}, "it is 98450 123", False),
        ("phone", {"region": "IN"}, "98450 12345 98450 12345", None),
        ("phone", {"region": "IN"}, "who wants to know", None),
        ("phone", {"region": "IN"}, "plus 49 30 123456", None),
        ("phone", {"region": "DE"}, "030 123456", None),
        ("phone", {"region": "US"}, "201 555 0123", True),
        ("phone", {"region": "IN"}, "plus 800 1234 5678", None),
        ("email", {}, "asha at gmail dot com", True),
        ("email", {}, "asha@example.co.in", True),
        ("email", {}, "asha at gmail dot com is my address", None),
        ("email", {}, "asha at example dot co", None),
        ("email", {}, "asha at gmail", False),
        ("email", {}, "a s h a", False),
        ("email", {}, "asha menon", False),
        ("email", {}, "please write to my wife", None),
        ("email", {}, "", None),
        ("text", {"min_length": 5}, "cold", False),
        ("text", {"min_length": 5}, "a cold", None),
        ("text", {}, "x", None),
        ("address", {"min_length": 10}, "12 Temple", False),
        ("address", {}, "12 Temple Road", None),
        ("time_range", {}, "from 2 pm", False),
        ("time_range", {}, "from 2 to 5 pm", True),
        ("time_range", {}, "2 to 5", None),
        ("time_range", {}, "whenever", None),
        ("name", {}, "Asha", None),
        ("number", {}, "twenty", None),
        ("money", {"currency": "INR"}, "five hundred", None),
        ("date", {}, "tomorrow", None),
        ("time", {}, "two", None),
    ],
)
def test_an_answer_is_whole_or_not(
    kind: str, options: dict[str, object], text: str, whole: bool | None
) -> None:
    spec = field(kind, **options)

    assert kind_of(spec).is_whole(spec, text, "en-IN") is whole


def test_every_kind_says_nothing_of_no_words() -> None:
    needs: dict[str, dict[str, object]] = {
        "phone": {"region": "IN"},
        "choice": CHOICES,
        "money": {"currency": "INR"},
    }
    for kind in KINDS:
        spec = field(kind, **needs.get(kind, {}))
        assert kind_of(spec).is_whole(spec, "hmm", "ta-IN") is not True, kind
