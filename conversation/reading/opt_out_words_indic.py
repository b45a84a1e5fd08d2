"""How people say so in Hindi, Tamil and Malayalam, in their script and romanised. Data only.

Patterns are matched on `words.plain`: folded words, no apostrophes, one space around each.
"""

from __future__ import annotations

import re

from conversation.reading.words import fold


def _any(*words: str) -> str:
    """One of the words, folded. In them "~" stands for any ending, and patterns of letters may."""
    folded = (" ".join(map(fold, word.split(" "))) for word in words)
    return f"(?:{'|'.join(folded)})".replace("~", r"\S*")


# Hindi -----------------------------------------------------------------------------------------
_HI_CALL = _any("फोन", "कॉल", "काल", "phone", "fone", "call", "kol")
_HI_CALLS = _any("कॉल", "कॉल्स", "कॉलें", "call", "calls")
_HI_NOT = _any("मत", "न", "ना", "mat", "na", "mut")
_HI_DO = _any(
    *("करो", "करना", "करें", "करे", "कीजिए", "कीजिये", "कीजिएगा", "कीजियेगा", "करिए", "करिये", "करिएगा"),
    *("करियेगा", "किया करो", "किया कीजिए", "किया करें", "करा करो", "कर", "लगाओ", "लगाना", "लगाइए"),
    *(
        "karo",
        "karna",
        "karen",
        "karein",
        "kare",
        "kijiye",
        "kijiyega",
        "kijiega",
        "kijie",
        "kariye",
    ),
    *("kariyega", "kariega", "kar", "kiya karo", "kiya kijiye", "kara karo", "krna", "kro", "kren"),
    *("lagao", "lagana", "lagaiye", "kariyo", "करियो"),
)
_HI_TOO = _any("भी", "ही", "bhi", "hi", "back", "बैक", "वापस", "wapas", "wapis", "please", "प्लीज")
_HI_BESIDE = rf"(?:{_HI_TOO} )?"
_HI_NONE = _any("नहीं", "nahi", "nahin", "nhi")
_HI_WANTED = _any("चाहिए", "chahiye", "chaiye")
_HI_STOP = _any("बंद", "band", "bandh", "bund", "stop", "स्टॉप")
_HI_ENDS = _any("कर~", "कीज~", "kar~", "kij~")
_HI_TROUBLE = _any("परेशान", "तंग", "डिस्टर्ब", "pareshan", "tang", "disturb", "paresan")
_HI_MINE = _any(
    *("मेरा", "मेरे", "मुझे", "मुझको", "हमारा", "हमें", "इस", "यह", "ये", "mera", "mere", "mujhe"),
    *("mujhko", "hamara", "hame", "hamein", "is", "ye", "yeh", "my"),
)
_HI_NUMBER = _any("नंबर", "नम्बर", "नाम", "number", "nambar", "naam", "नंबर को", "number ko")
_HI_LISTS = _any("लिस्ट", "सूची", "डेटाबेस", "डाटाबेस", "सिस्टम", "list", "database", "suchi", "system")
_HI_OUT = _any(
    *(r"हटा~", r"निकाल~", r"डिलीट", r"रिमूव", r"ब्लॉक", r"काट", r"hata~", r"nikal~"),
    *(r"nikaal~", "delete", "remove", "block", "kaat", "hatao"),
)
_HI_FROM = _any("से", "में से", "se", "mein se", "me se")

# Tamil -----------------------------------------------------------------------------------------
_TA_CALL = _any("கால்", "கோல்", "போன்", "ஃபோன்", "ரிங்", "call", "phone", "fone", "ring", "kaal")
_TA_DONT = _any(
    *(r"பண்ணாத[ீிே]~", "பண்ணாத", r"செய்யாத[ீிே]~", "செய்யாத", "பண்ண வேண்டாம்", "பண்ண வேணாம்"),
    *("பண்ண வேண்டாங்க", "பண்ண கூடாது", r"பண்ணக்கூடாது~", "செய்ய வேண்டாம்", "செய்ய வேணாம்", "செய்ய கூடாது"),
    *("செய்யக்கூடாது", r"pann?aa?(?:th|dh|d)(?:ee|i|ii|e)~", "panna vendam", "panna vendaam"),
    *("panna venam", "panna venaam", "panna koodathu", "panna kudathu", "pannakoodathu"),
    *(r"seyy?aa?(?:th|dh)(?:ee|i|e)~", "seyya vendam", "seyya vendaam"),
)
_TA_DONT_RING = _any(
    *(r"கூப்பிடாத[ீிே]~", "கூப்பிடாத", r"கூப்டாத[ீிே]~", "கூப்பிட வேண்டாம்", "கூப்பிட வேணாம்"),
    *("கூப்பிட கூடாது", r"கூப்பிடக்கூடாது~", r"அழைக்காத[ீிே]~", "அழைக்க வேண்டாம்", "அழைக்க வேணாம்"),
    *("அழைக்க கூடாது", r"அழைக்கக்கூடாது~", r"k(?:oo|u)ppi?daa?(?:th|dh)(?:ee|i|e)~"),
    *("koopida vendam", "kupida vendam", "koopida vendaam", "koopida venam", "azhaikka vendam"),
    *("azhaikka vendaam", r"azhaikk?aa?(?:th|dh)(?:ee|i|e)~", r"koopi?daa?(?:th|dh)(?:ee|i|e)~"),
    *(r"kupi?daa?(?:th|dh)(?:ee|i|e)~",),
)
_TA_CALLING = _any(
    *(r"பண்ற~", r"பண்ணுற~", r"பண்ணு~தை", r"செய்வதை", r"செய்யறத~", r"panr~", r"pannur~"),
    *(
        r"pandr~",
        r"seyvadh?ai",
    ),
)
_TA_RINGING = _any(
    r"அழைப்பதை", r"கூப்பிடுற~", r"கூப்பிடுவதை", r"koopidur~", r"kupidur~", r"azhaippath?ai"
)
_TA_STOP = _any(r"நிறுத்~", r"ஸ்டாப்~", r"niruth~", r"nirutt~", "stop")
_TA_TROUBLE = _any("தொந்தரவு", "தொல்லை", "டிஸ்டர்ப்", "thondharavu", "thontharavu", "thollai", "disturb")
_TA_MINE = _any(
    *("என்", "என்னை", "என்ன", "என்னோட", "என்னுடைய", "எங்க", "எங்களை", "இந்த", "en", "enna", "ennai"),
    *("ennoda", "ennudaya", "enga", "indha", "intha", "my"),
)
_TA_NUMBER = _any(
    r"நம்பர்~", r"நம்பரை~", r"எண்~", r"பெயரை~", r"பேரை~", r"number~", r"numbar~", r"peyar~"
)
_TA_LISTS = _any(r"லிஸ்ட்~", r"பட்டியல~", r"list~", r"pattiyal~", r"database~", r"டேட்டாபேஸ்~")
_TA_OUT = _any(
    *(r"எடுத்து(?:ட|வி|ரு)~", r"எடுத்திடு~", "எடுத்து விடுங்க", "எடுத்து விடுங்கள்", r"நீக்~", r"டெலீட்~"),
    *(r"அழிச்~", r"அழித்~", r"தூக்கி~", r"ரிமூவ்~", r"பிளாக்~", "remove", "delete", "block"),
    *(r"eduth(?:ud|id|thud)~", "eduthu vidunga", r"neek~", r"thooki~", r"azhich~"),
)

# Malayalam -------------------------------------------------------------------------------------
_ML_DONT_RING = _any(
    *(r"വിളിക്കരുത~", r"വിളിക്കണ്ട~", r"വിളിക്കേണ്ട~", r"വിളിക്കല്ലേ~", r"വിളിക്കാതിരിക്ക~"),
    *(r"vili[ck]k?[ck]?karuth~", r"vilikkaruth~", r"vilikkarut~", r"vilikk?and?a~"),
    *(r"vilikkend~", r"vilikkalle~", r"vilikkathirikk~"),
)
_ML_CALL = _any("കോൾ", "കാൾ", "ഫോൺ", "റിംഗ്", "call", "phone", "ring")
_ML_DONT = _any(
    *(r"ചെയ്യരുത~", r"ചെയ്യണ്ട~", r"ചെയ്യേണ്ട~", r"ചെയ്യല്ലേ~", r"cheyy?aruth~", r"cheyy?arut~"),
    *(r"cheyy?and?a~", r"cheyy?enda~", r"cheyy?alle~"),
)
_ML_RINGING = _any(
    r"വിളിക്കുന്നത~", r"വിളി", r"വിളികൾ", r"കോളുകൾ", r"vilikkunn~", "vili", "calls", "call"
)
_ML_STOP = _any(r"നിർത്ത~", r"മതിയാക്ക~", r"nirth~", r"mathiyakk~", "stop")
_ML_MINE = _any("എന്റെ", "ഞങ്ങളുടെ", "ഈ", "എന്നെ", "ഞങ്ങളെ", "ente", "njangalude", "ee", "enne", "my")
_ML_NUMBER = _any(r"നമ്പർ~", r"നമ്പറ~", r"പേര~", r"number~", r"numb~", r"nambar~", r"peru")
_ML_LISTS = _any(r"ലിസ്റ്റ~", r"പട്ടിക~", r"list~", r"pattika~", r"database~", r"ഡാറ്റാബേസ~")
_ML_OUT = _any(
    *(r"ഒഴിവാക്ക~", r"നീക്ക~", r"ഡിലീറ്റ്~", r"കളയ~", r"ബ്ലോക്ക്~", r"റിമൂവ്~", r"ozhivakk~"),
    *(r"neekk~", "delete", "remove", "block", r"kalay~"),
)
_ML_OFF = _any(r"മാറ്റ~", r"maatt~", r"matt~")

_TA_FROM = rf"(?:{_any('இருந்து', 'irundhu', 'irunthu')} )?"
_ML_FROM = rf"(?:{_any('നിന്ന്', 'ninnu', 'ninn')} )?"
_ML_GONE = rf"(?:{_ML_OUT}|{_ML_OFF})"

_PAIRS = (
    rf"{_HI_CALL} {_HI_BESIDE}{_HI_NOT} {_HI_DO}",
    rf"{_any('मत', 'mat')} {_HI_DO} {_HI_BESIDE}{_HI_CALL}",
    rf"{_HI_CALL} {_any('करना', 'करने', 'karna', 'karne', 'आना', 'aana')} {_HI_STOP} \S+",
    rf"{_any('कॉल्स', 'कॉलें', 'calls')} {_HI_STOP} {_HI_ENDS}",
    rf"{_HI_CALLS} (?:\S+ )?{_HI_NONE} {_HI_WANTED}",
    rf"{_HI_CALL} (?:कर )?{_any('कर के', 'करके', 'kar ke', 'karke', 'kar kar ke')} {_HI_TROUBLE} "
    rf"{_HI_NOT} {_HI_DO}",
    rf"{_any('अनसब्सक्राइब', 'डीएनडी', 'டிஎன்டி', 'அன்சப்ஸ்கிரைப்', 'അൺസബ്സ്ക്രൈബ്', 'ഡിഎൻഡി')}",
    rf"{_HI_MINE} {_HI_NUMBER} (?:{_HI_LISTS} {_HI_FROM} )?{_HI_OUT}",
    rf"{_HI_MINE} (?:\S+ ){{0,3}}{_HI_LISTS} {_HI_FROM} (?:\S+ ){{0,1}}{_HI_OUT}",
    rf"{_HI_LISTS} {_HI_FROM} {_HI_MINE} (?:{_HI_NUMBER} )?{_HI_OUT}",
    rf"{_TA_CALL} {_TA_DONT}",
    _TA_DONT_RING,
    rf"{_TA_CALL} {_TA_CALLING} {_TA_STOP}",
    rf"{_TA_RINGING} {_TA_STOP}",
    rf"{_TA_MINE} {_TA_NUMBER} (?:\S+ ){{0,3}}{_TA_OUT}",
    rf"{_TA_LISTS} {_TA_FROM}{_TA_MINE} (?:{_TA_NUMBER} )?{_TA_OUT}",
    rf"{_TA_MINE} (?:\S+ ){{0,1}}{_TA_LISTS} {_TA_FROM}{_TA_OUT}",
    _ML_DONT_RING,
    rf"{_ML_CALL} {_ML_DONT}",
    rf"{_ML_RINGING} {_ML_STOP}",
    rf"{_any('കോളുകൾ', 'calls')} {_any('വേണ്ട', 'venda')}",
    rf"{_ML_MINE} {_ML_NUMBER} (?:\S+ ){{0,3}}{_ML_OUT}",
    rf"{_ML_MINE} (?:\S+ ){{0,3}}{_ML_LISTS} {_ML_FROM}{_ML_GONE}",
    rf"{_ML_LISTS} {_ML_FROM}{_ML_MINE} (?:{_ML_NUMBER} )?{_ML_GONE}",
)
# No calls, in a language of India: for good unless an hour is named beside it.
INDIC = re.compile(rf" (?:{'|'.join(_PAIRS)})(?= )")
# Leaves alone only what is said for good.
INDIC_TROUBLE = re.compile(
    rf" (?:{_HI_TROUBLE} {_HI_NOT} {_HI_DO}|{_TA_TROUBLE} {_TA_DONT}|"
    rf"{_any('ശല്യം', 'shalyam', 'salyam', 'ഡിസ്റ്റർബ്', 'disturb')} {_ML_DONT}|"
    rf"{_HI_CALL} {_HI_NONE} {_HI_DO})(?= )"
)
_FOR_GOOD_WORDS = _any(
    *("दोबारा", "दुबारा", "फिर कभी", "कभी", "आगे से", "आइंदा", "आइन्दा", "आज के बाद", "आज से", "अब से"),
    *("हमेशा के लिए", "बार बार", "dobara", "dubara", "phir kabhi", "kabhi", "aage se", "aainda"),
    *("aaj ke baad", "aaj se", "ab se", "baar baar", "bar bar", "hamesha ke liye", "fir kabhi"),
    *("இனிமே", "இனிமேல்", "இனிமேலும்", "இனி", "திரும்ப", "திரும்பவும்", "மறுபடி", "மறுபடியும்", "மீண்டும்"),
    *("ஒருபோதும்", "எப்பவும்", "எப்பவுமே", "எப்போதும்", "inime", "inimel", "inimae", "inimey", "ini"),
    *("thirumba", "thirumbavum", "marupadi", "marupadiyum", "meendum", "eppavum", "eppavume"),
    *("ഇനി", "ഇനിമേൽ", "ഇനിമുതൽ", "വീണ്ടും", "ഒരിക്കലും", "മേലിൽ", "veendum", "orikkalum", "melil"),
    *("never", "again", "anymore", "hereafter"),
)
FOR_GOOD_INDIC = re.compile(rf" {_FOR_GOOD_WORDS}(?= )")
_HOURS = _any(
    *(
        "अभी",
        "आज",
        "कल",
        "परसों",
        "सुबह",
        "शाम",
        "रात",
        "दोपहर",
        "इस समय",
        "इस वक्त",
        "इस टाइम",
        "बाद में",
    ),
    *(
        "थोड़ी देर",
        "बजे",
        "घंटे",
        "पहले",
        "तक",
        "जब",
        "मीटिंग",
        "ऑफिस",
        "रविवार",
        "संडे",
        "सोमवार",
        "शनिवार",
    ),
    *("इतनी", "इतने", "अगले", "हफ्ते", "abhi", "aaj", "kal", "parso", "subah", "shaam", "sham", "raat"),
    *(
        "dopahar",
        "is samay",
        "is waqt",
        "is time",
        "baad mein",
        "baad me",
        "thodi der",
        "baje",
        "ghante",
    ),
    *(
        "pehle",
        "pahle",
        "tak",
        "jab",
        "itni",
        "itne",
        "agle",
        "hafte",
        "sunday",
        "meeting",
        "office",
    ),
    *("இப்ப", "இப்போ", "இப்போது", "இப்பொழுது", "இன்னைக்கு", "இன்னிக்கு", "இன்று", "நாளை", "நாளைக்கு"),
    *(r"காலையில~", "மாலை", r"மாலையில~", r"சாயங்கால~", "சாயந்திரம்", "ராத்திரி", "இரவு", "இரவில்"),
    *("மதியம்", "அப்புறம்", "அப்பறம்", "பிறகு", "கொஞ்ச நேரம்", "மணிக்கு", "முன்னாடி", "வரைக்கும்", "வரை"),
    *("இந்த நேரம்", "இந்த நேரத்தில்", "இந்த நேரத்துல", "மீட்டிங்", r"ஞாயிற்று~", "ஞாயிறு", "ippo", "ippa"),
    *("ippothu", "ippodhu", "innaiku", "innaikku", "innikku", "naalaiku", "naalaikku", "naalai"),
    *(
        "kaalaila",
        "kaalaiyila",
        "kalaila",
        "saayangalam",
        "raathiri",
        "rathiri",
        "appuram",
        "apram",
    ),
    *("appram", "piragu", "manikku", "munnadi", "varaikkum", "nerathula", "indha neram"),
    *("ഇപ്പോൾ", "ഇപ്പോ", "ഇപ്പൊ", "ഇപ്പം", "ഇന്ന്", "നാളെ", "മറ്റന്നാൾ", "രാവിലെ", "വൈകുന്നേരം", "വൈകിട്ട്"),
    *("രാത്രി", "ഉച്ചയ്ക്ക്", "പിന്നീട്", "ശേഷം", "കഴിഞ്ഞ്", "മണിക്ക്", "മുമ്പ്", "വരെ", "ഞായറാഴ്ച", "മീറ്റിംഗ്"),
    *(r"ഈ സമയ~", "പിന്നെ വിളിക്കൂ", "പിന്നെ വിളിക്കാം", "ippol", "ippam", "innu", "naale", "nale"),
    *("raavile", "ravile", "vaikunneram", "vaikittu", "raathri", "rathri", "pinneed", "kazhinju"),
    *("mumbu", "vare", r"ee samaya~", "pinne vilikku", "pinne vilikkam"),
    *("now", "later", "tomorrow", "today", "tonight"),
)
HOURS_INDIC = re.compile(rf" {_HOURS}(?= )")
