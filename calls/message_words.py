"""What people write to end or to begin messages, and what they are then answered. Data, and a look.

The English words are those that carriers act on (https://www.twilio.com/docs/messaging/tutorials/
advanced-opt-out; CTIA Messaging Principles 2023, §5.1.3); the others are what people write here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from conversation.reading.opt_outs import opts_out
from conversation.reading.words import fold, plain


class Wish(StrEnum):
    """What a message asks for."""

    STOP = "stop"  # no messages and no calls any more
    START = "start"  # both again
    HELP = "help"  # who writes, and how to end it


_WORDS: Mapping[Wish, str] = {
    Wish.STOP: "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|arret|"
    "stop please|please stop|stop it|dnd|remove|रोको|रुको|बंद|बंद करो|बंद करें|बंद करो|band|band karo|"
    "band kare|roko|mat bhejo|நிறுத்து|நிறுத்துங்கள்|நிறுத்துங்க|வேண்டாம்|niruthu|niruthunga|"
    "vendam|നിർത്തുക|നിർത്തൂ|നിർത്ത്|വേണ്ട|nirthu|nirthuka|venda",
    Wish.START: "start|unstop|subscribe|optin|opt in|शुरू|शुरू करो|चालू|shuru|chalu|தொடங்கு|"
    "தொடங்குங்கள்|ஆரம்பி|thodangu|arambi|തുടങ്ങുക|തുടങ്ങൂ|thudangu",
    Wish.HELP: "help|info|मदद|सहायता|madad|sahayata|உதவி|udhavi|uthavi|സഹായം|sahayam",
}
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
    wish = _WISHES.get(plain(text).strip())
    if wish is None and opts_out(text):
        return Wish.STOP
    return wish


def answer_to(wish: Wish, text: str) -> str:
    """The answer, in the language whose script `text` has."""
    for language, (first, last) in _SCRIPTS.items():
        if any(first <= ord(letter) <= last for letter in text):
            return _ANSWERS[language][wish]
    return _ANSWERS["en"][wish]
