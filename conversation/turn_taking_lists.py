"""The small words of turns in English, Hindi, Tamil and Malayalam. Data only.

In their scripts and as people write them in Latin letters.
"""

from __future__ import annotations

from collections.abc import Mapping

# Said while somebody else speaks, beside BACKCHANNELS: they greet, thank or wonder, and want no
# turn. Whoever greets over a greeting has not interrupted it.
GREETING = (
    *("hello", "hi", "hey", "hello there", "hi there", "good morning", "good afternoon"),
    *("good evening", "thanks", "thank you", "thank you so much", "okay thanks", "makes sense"),
    *("of course", "understood", "i understand", "no problem", "nice", "perfect", "exactly"),
    *("correct", "true", "very good", "very well", "carry on", "continue", "yup", "ya", "yah"),
    *("huh", "ooh", "aah", "uhm", "erm", "mmhm", "um hmm", "uh hmm", "hm hm", "ahem"),
    *(
        "हेलो",
        "हैलो",
        "नमस्ते",
        "नमस्कार",
        "धन्यवाद",
        "शुक्रिया",
        "सही",
        "सही है",
        "बिल्कुल",
        "हाँ जी",
        "जी हाँ",
    ),
    *("हांजी", "अरे", "namaste", "namaskar", "haan ji", "ji haan", "hanji", "sahi hai", "bilkul"),
    *("dhanyavad", "shukriya", "samajh gaya", "samajh gayi", "समझ गया", "समझ गई"),
    *("ஹலோ", "வணக்கம்", "நன்றி", "ஆம்", "ஆமாங்க", "சரி சரி", "நல்லது", "புரிஞ்சுது", "புரியுது"),
    *("vanakkam", "nandri", "aam", "aamanga", "sari sari", "puriyudhu", "purinjidhu", "okay nga"),
    *("ഹലോ", "നമസ്കാരം", "നന്ദി", "ആണ്", "ശരി ശരി", "അതെ അതെ", "ഉവ്വ്", "മനസ്സിലായി", "കൊള്ളാം"),
    *("namaskaram", "nanni", "uvvu", "sheri sheri", "manassilayi", "kollam"),
)
# Sounds of somebody who thinks. They are no answer, and no end of one.
HESITATIONS = (
    *("um", "uh", "uhm", "umm", "er", "erm", "hmm", "hm", "mm", "mmm", "ah", "so", "well", "like"),
    *("you know", "i mean", "lets see", "how do i say"),
    *(
        "ठीक है तो",
        "मतलब",
        "वो",
        "matlab",
        "woh",
        "அது வந்து",
        "வந்து",
        "அதாவது",
        "adhu vandhu",
        "vandhu",
    ),
    *("adhavadhu", "அது", "പിന്നെ", "അതായത്", "athayathu", "pinne", "हम्म", "ம்ம்", "ഉം"),
)
# They stop a speaker, however few words an agent lets pass.
STOPPING = (
    *("stop", "wait", "no", "nope", "hold on", "hang on", "excuse me", "listen", "pardon", "sorry"),
    *("one moment", "one second", "one minute", "repeat", "what", "operator", "cancel", "wrong"),
    *(
        "रुको",
        "रुकिए",
        "नहीं",
        "सुनिए",
        "सुनो",
        "एक मिनट",
        "गलत",
        "क्या",
        "ruko",
        "rukiye",
        "nahi",
        "nahin",
    ),
    *("suno", "suniye", "ek minute", "galat", "kya"),
    *("இருங்க", "நில்லுங்க", "இல்ல", "இல்லை", "வேண்டாம்", "தப்பு", "என்ன", "irunga", "nillunga", "illa"),
    *("illai", "vendam", "thappu", "enna"),
    *("നിൽക്കൂ", "അല്ല", "ഇല്ല", "വേണ്ട", "തെറ്റ്", "എന്താ", "nilkku", "alla", "venda", "thettu", "entha"),
)
# Words that join: what follows them is still to come, whatever was said before.
JOINING: Mapping[str, tuple[str, ...]] = {
    "en": (
        *"and or but because cause plus minus comma versus if unless whether than then".split(),
        *("so that", "as well as", "and then", "or maybe", "but not", "double", "triple"),
        *("dot", "underscore", "hyphen", "dash", "at the rate", "actually its", "no its"),
    ),
    "hi": (
        *"और या लेकिन मगर क्योंकि कि अगर बल्कि डबल ट्रिपल aur lekin magar kyunki agar balki".split(),
        *("और फिर", "aur phir"),
    ),
    "ta": (
        *"மற்றும் அல்லது ஆனா ஆனால் ஏன்னா அப்புறம் டபுள் matrum allathu aana aanal yenna".split(),
        *"appuram".split(),
    ),
    "ml": (*"അല്ലെങ്കിൽ പക്ഷേ പക്ഷെ കാരണം കൂടാതെ ഡബിൾ allengil pakshe karanam koodathe".split(),),
}
# Words that lead up to an answer: "it is", "from", "my number is".
LEADING: Mapping[str, tuple[str, ...]] = {
    "en": (
        *"the a an my our your his her their its im is are was were to from at in on of".split(),
        *"for with by about around near between under over until till before after through".split(),
        *"into per very really maybe probably just only i we it thats would want need like".split(),
        "can",
        *("i want", "i need", "it is", "that is", "i would like", "would like", "want to"),
        *("number is", "name is", "address is", "email is", "e mail is", "going to", "have to"),
        *("next to", "close to", "opposite to", "let me see", "let me think"),
    ),
    "hi": (
        *"मेरा मेरी मेरे हमारा का की के से वो मैं मुझे mera meri mere hamara ka ki ke se mujhe".split(),
        *("नंबर है", "नाम है", "पता है", "ईमेल है", "मेरा नंबर", "मेरा नाम", "मेरा पता", "के पास"),
        *("number hai", "naam hai", "pata hai", "email hai", "mera number", "mera naam", "ke paas"),
    ),
    "ta": (
        *"என் என்னோட எனது எங்க இருந்து முதல் எனக்கு வந்து en ennoda enathu irundhu mudhal".split(),
        *("என் நம்பர்", "என்னோட நம்பர்", "என் பெயர்", "என் பேரு", "என்னோட பேரு", "என் முகவரி"),
        *("en number", "ennoda number", "en peru", "ennoda peru", "en address", "enakku"),
    ),
    "ml": (
        *"എന്റെ ഞങ്ങളുടെ മുതൽ നിന്ന് എനിക്ക് ente njangalude muthal ninnu enikku".split(),
        *("എന്റെ നമ്പർ", "എന്റെ പേര്", "എന്റെ വിലാസം", "ente number", "ente peru"),
    ),
}
# They end like a beginning and are whole.
WHOLE = (
    *("go on", "come on", "hold on", "hang on", "carry on", "move on", "im in", "count me in"),
    *("thats it", "this is it", "asked for", "looking for", "take it", "want it", "like it"),
    *("need it", "have it", "do it", "i do", "i am", "we are", "yes i can", "sure i can", "i can"),
    *("what is it", "who is it", "log in", "if you like", "as you like", "id like to"),
    *("id love to", "yes i would", "that would", "not really", "just like", "it was", "i was"),
    *("what about", "get it", "got it", "leave it", "confirm it", "book it", "about it", "of it"),
    *("so i can", "stand by", "in person", "yes you can", "yes please do", "just over"),
)
