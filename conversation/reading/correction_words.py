"""The words by which callers take something back, in four languages. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from conversation.reading.words import fold


class Cue(Enum):
    """How a phrase takes something back."""

    FIRM = auto()  # "no sorry": what stands before it, whatever it is
    LOOSE = auto()  # "no", "actually": only a value replaced by a value, or between two pauses
    NOT = auto()  # what follows it
    NOT_AFTER = auto()  # what stands before it, in languages that deny so
    INSTEAD_OF = auto()  # the value that follows it


CUES: Mapping[Cue, tuple[str, ...]] = {
    Cue.FIRM: (
        *("no sorry", "no no sorry", "no wait", "no no", "wait no", "sorry no", "no i mean"),
        *("no i meant", "i mean", "i meant", "i mean to say", "or rather", "no rather"),
        *("scratch that", "strike that", "correction", "no make that", "no make it"),
        *("no actually", "actually no", "oh no", "oops", "oops sorry", "sorry i mean"),
        *("sorry i meant", "let me correct that", "no its", "no it is", "no thats", "no that is"),
        *("wait sorry", "no wait sorry", "i am sorry i meant", "no not that", "oh sorry"),
        *("oh wait", "sorry sorry", "sorry make that", "sorry make it", "my mistake"),
        *("नहीं सॉरी", "सॉरी नहीं", "मेरा मतलब", "नहीं मेरा मतलब", "माफ़ कीजिए", "नहीं नहीं"),
        *(
            "nahi sorry",
            "sorry nahi",
            "mera matlab",
            "nahi nahi",
            "nahi mera matlab",
            "maaf kijiye",
        ),
        *("இல்ல சாரி", "இல்லை சாரி", "சாரி", "இல்ல இல்ல", "இல்லை இல்லை", "மன்னிக்கவும்"),
        *("illa sorry", "illai sorry", "illa illa", "mannikkavum"),
        *("അല്ല സോറി", "ഇല്ല സോറി", "സോറി", "അല്ല അല്ല", "alla sorry", "sorry alla", "alla alla"),
        *("ക്ഷമിക്കണം", "kshamikkanam"),
    ),
    Cue.LOOSE: (
        *(
            "no",
            "or no",
            "nope",
            "nah",
            "sorry",
            "actually",
            "wait",
            "rather",
            "make it",
            "make that",
        ),
        *("i should say", "no no no", "सॉरी", "बल्कि", "balki", "matlab", "मतलब"),
        *("அதாவது", "athavathu"),
    ),
    Cue.NOT: ("not", "isnt", "wasnt", "is not", "was not", "its not", "it is not", "not the"),
    Cue.NOT_AFTER: (
        *("नहीं", "नही", "nahi", "nahin", "இல்ல", "இல்லை", "அல்ல", "illa", "illai", "alla"),
        *("അല്ല", "ഇല്ല"),
    ),
    Cue.INSTEAD_OF: ("instead of", "rather than", "in place of"),
}


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))


# Between a cue and the new value: "no sorry, it is for 600".
CONNECTING = _folded(
    "it its it's is thats that was should be make at on for from the a of about around to sorry "
    "please say said i mean meant actually वह यह है yeh woh hai அது athu അത്"
)
# A name or choice that is taken back ends, going backwards, at one of these.
FUNCTION = _folded(
    "a an the is are am was be to at in on for from of with by and or my your our i im you we it "
    "its that this want wants need needs would like prefer please have has call called name take "
    "give get use check go book me us make so then just into about द है में को का की से के "
    "மே ல் ஒரு ആണ് ഒരു mera meri naam en peyar peru ente hai"
)
# After "not" or before the new word these judge or limit; they name nothing that could go.
ASSESSING = _folded(
    "sure right correct good ok okay fine that thats it this yet really only bad interested "
    "exactly quite so too very much many any all always now today necessary possible available "
    "working happy comfortable going able allowed ready needed sorry problem i im we you they he "
    "she there here just even a because what why how when who no yes yeah thanks thank please "
    "before after until till more less later earlier sooner over under above below than at least "
    "matter issue idea one never wait hold go ahead if then me my is are want need like mind know "
    "think पता मालूम ठीक सही pata malum theek sahi சரி sari seri ശരി sheri shari कोई koi கொஞ்சம் "
    "प्रॉब्लम दिक्कत problem baat बात பிரச்சனை തെരിയും"
)
NEGATING = _folded("do does did can could would should will must may might have has had im")
LEADING_NO = _folded("no nope nah नहीं nahi nahin இல்லை இல்ல illa illai അല്ല ഇല്ല alla")
# Tags (`tagging`) of the pieces that make up an amount, a time or a day.
VALUE_TAGS = frozenset("nociMWRPNazkuhdwmqpDjxsl$")
# Words that join two values into one range.
JOINING = _folded("to till until through and से तक se tak முதல் muthal മുതൽ")
