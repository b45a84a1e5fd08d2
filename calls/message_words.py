"""What people write to end or to begin messages, and what they are then answered. Data, and a look.

The English words are those that carriers act on (https://www.twilio.com/docs/messaging/tutorials/
advanced-opt-out; CTIA Messaging Principles 2023, §5.1.3); the others are what people write here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from conversation.reading.opt_outs import opts_out
from conversation.reading.words import clauses, fold, plain


class Wish(StrEnum):
    """What a message asks for."""

    STOP = "stop"  # no messages and no calls any more
    START = "start"  # both again
    HELP = "help"  # who writes, and how to end it


_WORDS: Mapping[Wish, str] = {
    Wish.STOP: "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|arret|"
    "arrêt|dnd|remove|रोको|रुको|बंद|बंद करो|बंद करें|बंद करो|band|band karo|"
    "band kare|roko|mat bhejo|நிறுத்து|நிறுத்துங்கள்|நிறுத்துங்க|வேண்டாம்|niruthu|niruthunga|"
    "vendam|നിർത്തുക|നിർത്തൂ|നിർത്ത്|വേണ്ട|nirthu|nirthuka|venda",
    Wish.START: "start|unstop|subscribe|optin|opt in|शुरू|शुरू करो|चालू|shuru|chalu|தொடங்கு|"
    "தொடங்குங்கள்|ஆரம்பி|thodangu|arambi|തുടങ്ങുക|തുടങ്ങൂ|thudangu",
    Wish.HELP: "help|info|मदद|सहायता|madad|sahayata|உதவி|udhavi|uthavi|സഹായം|sahayam",
}
# "STOP texting me, please": a message of nothing but these and what fills it is a STOP, and so is
# one with such a sentence of the first. People write more than the word, and what they mean counts
# (47 CFR 64.1200(a)(10)).
_OUTRIGHT = "stop|stops|stopp|stopall|unsubscribe|unsub|optout|opt out|arret|arrêt|arrêter"
_ENDS = (
    "no more messages|no more message|no more texts|no more sms|no more msgs|no further messages|"
    "dont disturb|do not disturb|i said stop|never again|bas karo|bas kijiye|pareshan mat karo|"
    "pareshan na kare|tang mat karo|"
    "परेशान न करें|परेशान ना करें|परेशान मत करो|परेशान मत कीजिए|तंग मत करो|बस करो|बस कीजिए|"
    "தொந்தரவு செய்யாதீங்க|தொந்தரவு செய்யாதீர்கள்|தொந்தரவு செய்யாதே|thondharavu seyyadhinga|"
    "ശല്യം ചെയ്യരുത്|ശല്യപ്പെടുത്തരുത്|shalyam cheyyaruthu|dont send|"
    "do not send|never send|dont text|do not text|never text|dont message|do not message|"
    "never message|dont sms|do not sms|dont write|do not write|dont contact|do not contact|"
    "never contact|quit texting|quit messaging|quit sending|end these|"
    "रोको|रोकिए|रोक दो|बंद करो|बंद करें|बंद कर दो|बंद कर दीजिए|बंद कीजिए|मत भेजो|मत भेजना|मत भेजिए|"
    "मत भेजें|न भेजें|ना भेजें|ना भेजो|band karo|band kare|band kar do|band kijiye|mat bhejo|mat bhejna|"
    "mat bhejiye|mat bheje|na bheje|na bhejo|மெசேஜ் வேண்டாம்|செய்தி வேண்டாம்|அனுப்ப வேண்டாம்|"
    "அனுப்பாதீர்கள்|அனுப்பாதீங்க|அனுப்பாதே|நிறுத்து|நிறுத்துங்கள்|நிறுத்துங்க|நிறுத்தவும்|நிறுத்திவிடுங்கள்|"
    "anuppa vendam|anuppadinga|anuppathinga|niruthu|niruthunga|niruthavum|അയക്കരുത്|അയയ്ക്കരുത്|"
    "അയക്കണ്ട|അയക്കേണ്ട|അയയ്ക്കേണ്ട|മെസ്സേജ് വേണ്ട|സന്ദേശം വേണ്ട|നിർത്തുക|നിർത്തൂ|നിർത്ത്|"
    "ayakkaruthu|ayakkanda|nirthu|nirthuka"
)
_FILLING = (
    "but dear hello help hey hi or so team "
    "a all again and any anymore anything asap at calling calls from further i im it just kindly "
    "me messages message messaging more msg msgs my now number ok please pls plz promo promos "
    "promotion promotional promotions receiving reply sender sending sir sms spam texting texts "
    "text thank thanks that the these this those to u unwanted us want wrong you your ads am "
    "madam once मुझे हमें मैसेज मेसेज संदेश संदेशे एसएमएस कृपया प्लीज अब आगे और से ये यह को कोई भी जी आप "
    "सब mujhe hame kripya ab aage se aur ye yeh koi bhi ji aap sab "
    "எனக்கு இனி இனிமேல் இனிமே தயவு செய்து தயவுசெய்து மெசேஜ் மெசேஜை செய்தி செய்திகள் செய்திகளை "
    "எஸ்எம்எஸ் குறுஞ்செய்தி இந்த ப்ளீஸ் enakku ini inime inimel "
    "എനിക്ക് ഇനി ദയവായി മെസ്സേജ് മെസേജ് സന്ദേശം സന്ദേശങ്ങൾ എസ്എംഎസ് ഈ പ്ലീസ് enikku"
)


def _folded(words: str) -> str:
    return " ".join(fold(one) for one in words.split())


def _any_of(words: str) -> re.Pattern[str]:
    longest_first = sorted(map(_folded, words.split("|")), key=len, reverse=True)
    # "At the stop" is a place.
    there = "".join(
        f"(?<! {one})" for one in ("a", "at", "bus", "my", "next", "that", "the", "your")
    )
    return re.compile("|".join(f"{there} {re.escape(one)}(?= )" for one in longest_first))


_SAYS_OUTRIGHT, _END = _any_of(_OUTRIGHT), _any_of(f"{_OUTRIGHT}|{_ENDS}")
# "STOP I told you", which needs no full stop; not "Stop by at ten", nor "STOP I want another time".
_FIRST = re.compile(
    r"^ stop (?:already|never|wrong|who (?:is|are)|(?:you|u) (?:have|got) (?:the )?wrong|"
    r"you (?:keep|people)|i (?:\w+ )?(?:told|said|asked)|"
    r"(?:pls |please )?i (?:dont|do not|never) (?:know|want|need)|"
    r"(?:i am |im )?not (?:interested|my|me)|"
    r"no longer|this is not|this (?:nonsense|spam|harassment)|or (?:i|we|else)|"
    r"(?:he|she) (?:has |is )?(?:died|dead|expired|passed away)|and (?:dont|do not|never)) "
)
_SPELLED_OUT = re.compile(r" (?:\w ){3,}")
_FILLS = frozenset(_folded(_FILLING).split())

_WISHES: Mapping[str, Wish] = {
    " ".join(fold(one) for one in word.split()): wish
    for wish, words in _WORDS.items()
    for word in words.split("|")
}

# The language is told by the script of what was written.
_ANSWERS: Mapping[str, Mapping[Wish, str]] = {
    "en": {
        Wish.STOP: "You will get no more messages or calls from us. Reply START to get them again.",
        Wish.START: "You will get messages from us again. Reply STOP to end them.",
        Wish.HELP: "These messages come from our automated assistant. Reply STOP to end messages "
        "and calls.",
    },
    "hi": {
        Wish.STOP: "अब हमारी ओर से कोई संदेश या कॉल नहीं आएगा। फिर से पाने के लिए START लिखें।",
        Wish.START: "अब हमारे संदेश फिर से आएँगे। बंद करने के लिए STOP लिखें।",
        Wish.HELP: "ये संदेश हमारी ऑटोमेटेड असिस्टेंट भेजती है। संदेश और कॉल बंद करने के लिए STOP लिखें।",
    },
    "ta": {
        Wish.STOP: "எங்களிடமிருந்து இனி செய்திகளோ அழைப்புகளோ வராது. மீண்டும் பெற START என அனுப்பவும்.",
        Wish.START: "எங்கள் செய்திகள் மீண்டும் வரும். நிறுத்த STOP என அனுப்பவும்.",
        Wish.HELP: "இவை எங்கள் தானியங்கி உதவியாளரின் செய்திகள். நிறுத்த STOP என அனுப்பவும்.",
    },
    "ml": {
        Wish.STOP: "ഇനി ഞങ്ങളിൽ നിന്ന് സന്ദേശങ്ങളോ കോളുകളോ വരില്ല. വീണ്ടും ലഭിക്കാൻ START എന്ന് അയയ്ക്കുക.",
        Wish.START: "ഞങ്ങളുടെ സന്ദേശങ്ങൾ വീണ്ടും വരും. നിർത്താൻ STOP എന്ന് അയയ്ക്കുക.",
        Wish.HELP: "ഇത് ഞങ്ങളുടെ ഓട്ടോമേറ്റഡ് അസിസ്റ്റന്റിന്റെ സന്ദേശങ്ങളാണ്. നിർത്താൻ STOP എന്ന് അയയ്ക്കുക.",
    },
}
_SCRIPTS = {"hi": (0x900, 0x97F), "ta": (0xB80, 0xBFF), "ml": (0xD00, 0xD7F)}


def wish_of(text: str) -> Wish | None:
    """What a message as a whole asks for; None when it is about something else."""
    # Full-width letters are letters, and French ones may have their accents.
    text = unicodedata.normalize("NFKC", text)
    written = plain(text)
    if _SPELLED_OUT.fullmatch(written):
        written = f" {written.replace(' ', '')} "
    wish = _WISHES.get(written.strip())
    if wish is None and (opts_out(text) or _says_stop(text, written)):
        return Wish.STOP
    return wish


def _says_stop(text: str, written: str) -> bool:
    if _FIRST.search(written) or _is_all(_END, written):
        return True
    return any(_is_all(_SAYS_OUTRIGHT, clause) for clause in clauses(text))


def _is_all(ends: re.Pattern[str], written: str) -> bool:
    """Whether something is said that ends messages, and nothing of importance beside it."""
    rest, found = ends.subn(" ", written)
    return bool(found) and _FILLS.issuperset(rest.split())


def answer_to(wish: Wish, text: str) -> str:
    """The answer, in the language whose script `text` has."""
    for language, (first, last) in _SCRIPTS.items():
        if any(first <= ord(letter) <= last for letter in text):
            return _ANSWERS[language][wish]
    return _ANSWERS["en"][wish]
