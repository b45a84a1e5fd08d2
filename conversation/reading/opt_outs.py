"""Whether somebody asks never to be rung again, told by rule in four languages at once.

Whatever the language of the call, people say this in their own. A miss rings somebody who asked
for peace, a false alarm bars somebody who only was busy: "don't call me now" names an hour, "don't
call me" does not.
"""

from __future__ import annotations

from conversation.reading.opt_out_words import (
    CALLED_ELSEWHEN,
    FOR_GOOD,
    GIVEN_ANEW,
    HARASSED,
    PLAINLY,
    REMOVED,
    STOPPED,
    UNMEANT,
)
from conversation.reading.opt_out_words_indic import (
    FOR_GOOD_INDIC,
    HOURS_INDIC,
    INDIC,
    INDIC_TROUBLE,
)
from conversation.reading.words import clauses, plain


def opts_out(text: str) -> bool:
    """The speaker wants no calls any more: "stop calling me", "take me off your list"."""
    said = [UNMEANT.sub(" _ ", clause) for clause in clauses(text)]
    if any(FOR_GOOD.search(clause) for clause in said):
        return True
    if any(map(HARASSED.search, said)) and any(map(STOPPED.search, said)):
        return True
    whole = plain(text)
    if any(REMOVED.search(clause) for clause in said) and not GIVEN_ANEW.search(whole):
        return True
    if any(PLAINLY.search(clause) for clause in said):
        return CALLED_ELSEWHEN.search(whole) is None
    if INDIC.search(whole):
        return FOR_GOOD_INDIC.search(whole) is not None or HOURS_INDIC.search(whole) is None
    return INDIC_TROUBLE.search(whole) is not None and FOR_GOOD_INDIC.search(whole) is not None
