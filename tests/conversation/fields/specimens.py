"""Field specs, contexts and arbitrary JSON for the tests of field kinds."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from agents.schema import FieldSpec
from conversation.fields import KINDS
from conversation.fields.base import Context, Problem, Reading, Value

TODAY = date(2026, 3, 4)  # a Wednesday
LANGUAGES = ("en-IN", "hi-IN", "ta-IN", "ml-IN", "en-US", "kn-IN")

# Whatever a model may answer.
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["2 pm", "600 rupees", "2026-03-05", "14:30", "14:00-17:00", "tomorrow", "-0"]
    )
    | st.from_regex(r"-?[0-9]{1,400}(\.[0-9]{1,5})?", fullmatch=True)
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)
    | st.from_regex(r"[0-9]{1,2}:[0-9]{2}", fullmatch=True),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["amount", "currency", "start", "end"]) | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=4,
)
# Texts made of the words that matter, and of anything.
_WORDS = (
    "two 5 2:30 10.30 1430 half past quarter to till between and from 3 pm am in the evening "
    "morning noon tomorrow next friday week month of march 14th first on at after before rupees $ "
    "rs . , - 500 lakh point a 2026-03-05 5/3 today three hundred k days hours बजे शाम से तक मணி "
    "மணி முதல் வரை മണി മുതൽ വരെ साढ़े तीन தேதி 5ஆம் കഴിഞ്ഞ് ₹ cents 99th 2019 twenty last end or all day"
)
ANY_TEXT = st.text(max_size=40) | st.lists(st.sampled_from(_WORDS.split()), max_size=10).map(
    " ".join
)


def spec(kind: str, **options: Any) -> FieldSpec:
    """A field of that kind; its name says nothing unless given."""
    return FieldSpec(name=options.pop("name", "answer"), kind=kind, ask={"en-IN": "?"}, **options)


def context(language: str = "en-IN", agent_said: str = "") -> Context:
    """A call in that language, today."""
    return Context(language, TODAY, agent_said)


def heard(field: FieldSpec, text: str, where: Context) -> list[tuple[object, bool]]:
    """What is read from `text`: values and whether they are strong."""
    readings = KINDS[field.kind].read(field, text, where)
    assert_in_text(readings, text)
    return [(reading.value, reading.strong) for reading in readings]


def assert_in_text(readings: Any, text: str) -> None:
    """Every reading lies inside the text."""
    for reading in readings:
        assert isinstance(reading, Reading)
        assert 0 <= reading.start < reading.end <= len(text)


def assert_settles(field: FieldSpec, value: object, where: Context) -> None:
    """`value` is refused, or accepted as something that is accepted as itself and can be said."""
    kind = KINDS[field.kind]
    accepted = kind.accept(field, value, where)
    if isinstance(accepted, Problem):
        return
    canonical: Value = accepted
    assert kind.accept(field, canonical, where) == canonical
    assert kind.say_back(field, canonical, where.language)
