"""Words of dates and times in English, Hindi, Tamil and Malayalam, and what each stands for."""

from __future__ import annotations

from typing import NamedTuple

from conversation.reading.number_steps import roman_key
from conversation.reading.words import fold


class Meaning(NamedTuple):
    """What a word stands for in a date or time. `tag` is its letter in a tagged utterance."""

    tag: str
    value: int | str = 0


# Tags of single words; `tagging` adds those of figures and marks.
#   M month          W weekday, Monday 0      R days from today     r now
#   P part of a day  N tonight                a am or pm            z noon, midnight: minutes
#   k o'clock        u minute                 h hours               q quarter
#   p past           t to, until              v until, behind       b between   & and
#   (a "t" whose value is "from" stands behind the start of a span)
#   f from           @ at, around             A after  B before     I in   O on   T the  F of
#   s this           x next                   l last                e end  + the day after that
#   d day            w week                   m month               g ago  G later, behind
#   D "date" behind a day's number            j ending of a rank    1 a, an
_ENGLISH = """
M1 january jan|M2 february feb|M3 march mar|M4 april apr|M5 may|M6 june jun|M7 july jul
M8 august aug|M9 september sept sep|M10 october oct|M11 november nov|M12 december dec
W0 monday mondays mon|W1 tuesday tuesdays tue tues|W2 wednesday wednesdays wed
W3 thursday thursdays thu thur thurs|W4 friday fridays fri|W5 saturday saturdays
W6 sunday sundays
R0 today todays|R1 tomorrow tomorrows tomorow tommorow tommorrow tmrw|R-1 yesterday|r now
Pmorning morning mornings|Pafternoon afternoon afternoons
Pevening evening evenings|Pnight night nights|N tonight
z720 noon midday noontime|z0 midnight
u minute minutes mins min|h hours hrs|q quarter|p past
t to till until til through thru upto|b between|& and|f from starting|@ at around about by circa
A after|B before|I in within|O on|T the|F of|s this coming upcoming current|x next following
l last|e end|d day days|w week weeks|m month months|g ago|1 a an
"""
_HINDI = """
M1 जनवरी|M2 फरवरी|M3 मार्च|M4 अप्रैल|M5 मई|M6 जून|M7 जुलाई|M8 अगस्त|M9 सितंबर सितम्बर
M10 अक्टूबर अक्तूबर|M11 नवंबर नवम्बर|M12 दिसंबर दिसम्बर
W0 सोमवार|W1 मंगलवार|W2 बुधवार|W3 गुरुवार गुरूवार बृहस्पतिवार वीरवार|W4 शुक्रवार
W5 शनिवार|W6 रविवार इतवार
R0 आज|R1 कल|R2 परसों परसो|r अभी
Pmorning सुबह सवेरे|Pafternoon दोपहर|Pevening शाम|Pnight रात
z0 आधीरात|k बजे बजकर बज|u मिनट|tfrom से|v तक|& और|s इस इसी|x अगले अगला अगली
l पिछले|d दिन दिनों|w हफ्ते हफ्ता सप्ताह|m महीने माह|G बाद|D तारीख तारिख|B पहले
"""
_TAMIL = """
M1 ஜனவரி|M2 பிப்ரவரி பெப்ரவரி|M3 மார்ச்|M4 ஏப்ரல்|M5 மே|M6 ஜூன்|M7 ஜூலை|M8 ஆகஸ்ட்
M9 செப்டம்பர்|M10 அக்டோபர்|M11 நவம்பர்|M12 டிசம்பர்
W0 திங்கள் திங்கட்|W1 செவ்வாய்|W2 புதன்|W3 வியாழன் வியாழக்|W4 வெள்ளி|W5 சனி
W6 ஞாயிறு ஞாயிற்று
R0 இன்று இன்னைக்கு இன்னிக்கு|R1 நாளை நாளைக்கு|R2 நாளன்னைக்கு நாளான்னைக்கு|R-1 நேற்று நேத்து
r இப்போது இப்ப|+ மறுநாள்
Pmorning காலை காலைல காலையில்|Pafternoon மதியம் மதியானம் மத்தியானம் பிற்பகல் மதியத்துக்கு
Pevening மாலை மாலையில் சாயங்காலம் சாயந்தரம்|Pnight இரவு ராத்திரி நைட்
k மணி|u நிமிடம் நிமிஷம்|tfrom முதல் இருந்து|v வரை வரைக்கும்|& மற்றும்|s இந்த|x அடுத்த
l கடந்த|d நாள் நாட்கள் நாளில்|w வாரம் வார|m மாதம் மாசம் மாத|G கழித்து கழிச்சு பிறகு|B முன்
D தேதி தேதிக்கு|j ஆம் ம் கிழமை கிழமைக்கு
"""
_MALAYALAM = """
M1 ജനുവരി|M2 ഫെബ്രുവരി|M3 മാർച്ച്|M4 ഏപ്രിൽ|M5 മേയ് മെയ്|M6 ജൂൺ|M7 ജൂലൈ|M8 ഓഗസ്റ്റ് ആഗസ്റ്റ്
M9 സെപ്റ്റംബർ|M10 ഒക്ടോബർ|M11 നവംബർ|M12 ഡിസംബർ
W0 തിങ്കൾ തിങ്കളാഴ്ച|W1 ചൊവ്വ ചൊവ്വാഴ്ച|W2 ബുധൻ ബുധനാഴ്ച|W3 വ്യാഴം വ്യാഴാഴ്ച
W4 വെള്ളി വെള്ളിയാഴ്ച|W5 ശനി ശനിയാഴ്ച|W6 ഞായർ ഞായറാഴ്ച
R0 ഇന്ന് ഇന്നു|R1 നാളെ|R2 മറ്റന്നാൾ മറ്റന്നാള്|R-1 ഇന്നലെ|r ഇപ്പോൾ
Pmorning രാവിലെ|Pafternoon ഉച്ച ഉച്ചയ്ക്ക് ഉച്ചക്ക് ഉച്ചകഴിഞ്ഞ്
Pevening വൈകുന്നേരം വൈകിട്ട് വൈകീട്ട് വൈകുന്നേരത്ത്|Pnight രാത്രി
k മണി|u മിനിറ്റ് മിനിട്ട്|tfrom മുതൽ|v വരെ|& ഉം|s ഈ|x അടുത്ത|l കഴിഞ്ഞ
d ദിവസം ദിവസത്തിനു|w ആഴ്ച|m മാസം മാസത്തെ|G കഴിഞ്ഞ്|B മുമ്പ്|D തീയതി തിയതി|j ാം ആം
"""
_ROMAN = {
    "hi": """
R0 aaj|R1 kal|R2 parson parso|Pmorning subah savere|Pafternoon dopahar dopehar
Pevening shaam sham|Pnight raat|k baje bajkar|tfrom se|v tak|s is|x agle agla agli
d din dino|w hafte hafta|m mahine|G baad|D tareekh tarikh
W0 somvaar somwar|W1 mangalvaar mangalwar|W2 budhvaar budhwar|W3 guruvaar guruwar
W4 shukravaar shukrawar|W5 shanivaar shaniwar|W6 ravivaar raviwar itvaar
""",
    "ta": """
R0 inru innaikku innikku|R1 naalai naalaikku|R2 naalannaikku|Pmorning kaalai kaalaila
Pafternoon madhiyam mathiyaanam|Pevening maalai saayangaalam saayandharam|Pnight iravu raathiri
k mani manikku|tfrom irundhu mudhal|v varai varaikkum|s indha|x adutha|w vaaram|m maasam maadham
d naal|G kazhichu|D thethi thedhi
W0 thingal|W1 sevvaai|W2 budhan|W3 viyaazhan|W4 velli|W5 sani|W6 nyaayiru
""",
    "ml": """
R0 innu|R1 naale|R2 mattannaal|Pmorning raavile|Pafternoon uchakku uchaykku
Pevening vaikunneram vaikittu|Pnight raathri|k mani manikku|tfrom muthal|v vare|s ee|x adutha
w aazhcha|m maasam|d divasam|G kazhinju|D theeyathi thiyathi
W0 thinkal|W1 chovva|W2 budhan|W3 vyaazham|W4 velli|W5 shani|W6 njaayar
""",
}


def _table(lines: str) -> dict[str, Meaning]:
    table: dict[str, Meaning] = {}
    for entry in lines.replace("\n", "|").strip("|").split("|"):
        head, *words = entry.split()
        detail = head[1:]
        value = int(detail) if detail.lstrip("-").isdigit() else detail
        table |= {fold(word): Meaning(head[0], value) for word in words}
    return table


WORDS = {**_table(_ENGLISH), **_table(_HINDI), **_table(_TAMIL), **_table(_MALAYALAM)}
ROMAN = {
    language: {roman_key(word): meaning for word, meaning in _table(lines).items()}
    for language, lines in _ROMAN.items()
}

# Tamil and Malayalam put case endings onto the word; these words are known by their beginning.
STEMS = {
    word: meaning
    for table in (_table(_TAMIL), _table(_MALAYALAM))
    for word, meaning in table.items()
    if meaning.tag in "kWRPMDdwm" and len(word) >= 3
}
# The Tamil ending that means "from": மணியிலிருந்து.
FROM_ENDINGS = ("ிருந்து", "ேருந்து", "ேர்ந்து")

# What a meal or a day's end tells about an hour without am or pm.
PARTS_BY_WORD = {
    "morning": "morning",
    "afternoon": "afternoon",
    "evening": "evening",
    "night": "night",
    "tonight": "night",
    "breakfast": "morning",
    "lunch": "afternoon",
    "dinner": "evening",
    "supper": "evening",
}
