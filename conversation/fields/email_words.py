"""How the signs of e-mail addresses are said, and what is said around addresses. Data only."""

from __future__ import annotations

from collections.abc import Mapping

from conversation.reading.words import Phrasebook, fold

SIGNS = frozenset("@._-+")

# Spoken forms of each sign; the empty one is for what is said about the letters and left out.
SIGN_BOOK: Phrasebook[str] = Phrasebook(
    {
        "@": (
            *("at", "at sign", "at the rate", "at the rate of", "at rate", "at the rate sign"),
            *("at rate of", "ऐट", "एट द रेट", "ऐट द रेट", "एट दी रेट", "அட்", "அட் த ரேட்", "ആറ്റ്"),
            *("അറ്റ്", "അറ്റ് ദ റേറ്റ്", "ஆட்", "at the red", "at direct"),
        ),
        ".": ("dot", "point", "period", "full stop", "डॉट", "டாட்", "ഡോട്ട്"),
        "_": ("underscore", "under score", "under scored", "अंडरस्कोर", "அண்டர்ஸ்கோர்", "അണ്ടർസ്കോർ"),
        "-": ("dash", "hyphen", "minus", "डैश", "हाइफ़न", "டாஷ்", "ഡാഷ്"),
        "+": ("plus", "plus sign", "प्लस", "பிளஸ்", "പ്ലസ്"),
        "": (
            *("all lower case", "all lowercase", "in lower case", "in lowercase", "lower case"),
            *("lowercase", "all small letters", "in small letters", "small letters", "all small"),
            *(
                "no spaces",
                "no space",
                "without spaces",
                "all one word",
                "one word",
                "all together",
            ),
            *("capital", "in capitals", "um", "uh", "then", "the letter", "letter", "the number"),
            *("the word", "followed by", "everything in lower case", "altogether", "lower"),
        ),
    }
)

SPOKEN_SIGNS: Mapping[str, Mapping[str, str]] = {
    "en": {".": "dot", "@": "at", "_": "underscore", "-": "dash", "+": "plus"},
    "hi": {".": "डॉट", "@": "ऐट", "_": "अंडरस्कोर", "-": "डैश", "+": "प्लस"},
    "ta": {".": "டாட்", "@": "அட்", "_": "அண்டர்ஸ்கோர்", "-": "டாஷ்", "+": "பிளஸ்"},
    "ml": {".": "ഡോട്ട്", "@": "അറ്റ്", "_": "അണ്ടർസ്കോർ", "-": "ഡാഷ്", "+": "പ്ലസ്"},
}

# Words that stand before an address and never in one.
STOPS = frozenset(
    map(
        fold,
        "is its it thats that my email emails e-mail mail id address the to me on contact "
        "reach write "
        "send sent at use yes yeah ok okay sure well so and or was as you your can could "
        "please for am "
        "im ill have has would like be will sorry no not this of in with it's that's hello "
        "hi because "
        "i'd want need call invoice confirmation copy personal work office one's है मेरा "
        "मेरी ईमेल आईडी "
        "mera meri hai மின்னஞ்சல் என் ஈமெயில் ஐடி en എന്റെ ഇമെയിൽ ente @".split(),
    )
)
