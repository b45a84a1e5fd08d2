"""Which kinds of field there are. A kind is one class and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from agents.schema import FieldSpec
from conversation.fields.address import Address
from conversation.fields.base import FieldKind
from conversation.fields.choice import Choice
from conversation.fields.date import Date
from conversation.fields.email import Email
from conversation.fields.money import Money
from conversation.fields.name import Name
from conversation.fields.number import Number
from conversation.fields.phone import Phone
from conversation.fields.text import Text
from conversation.fields.time import Time
from conversation.fields.time_range import TimeRange
from conversation.fields.yes_no import YesNo

_KINDS: tuple[FieldKind, ...] = (
    Text(),
    Name(),
    Number(),
    Money(),
    Date(),
    Time(),
    TimeRange(),
    Phone(),
    Email(),
    Choice(),
    YesNo(),
    Address(),
)
KINDS: Mapping[str, FieldKind] = {kind.name: kind for kind in _KINDS}


def kind_of(spec: FieldSpec) -> FieldKind:
    """The kind of `spec`; KeyError when there is none of that name."""
    return KINDS[spec.kind]
