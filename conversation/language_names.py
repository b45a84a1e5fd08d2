"""Names of languages as they are spoken and as recognisers spell them. Data only."""

from __future__ import annotations

from collections.abc import Mapping

# Language subtag → its name as an agent speaks it in English, Hindi, Tamil and Malayalam.
SPOKEN: Mapping[str, Mapping[str, str]] = {
    subtag: dict(zip(("en", "hi", "ta", "ml"), names.split("|"), strict=True))
    for subtag, names in {
        "en": "English|अंग्रेज़ी|ஆங்கிலம்|ഇംഗ്ലീഷ്",
        "hi": "Hindi|हिंदी|இந்தி|ഹിന്ദി",
        "ta": "Tamil|तमिल|தமிழ்|തമിഴ്",
        "ml": "Malayalam|मलयालम|மலையாளம்|മലയാളം",
        "te": "Telugu|तेलुगु|தெலுங்கு|തെലുങ്ക്",
        "kn": "Kannada|कन्नड़|கன்னடம்|കന്നഡ",
        "bn": "Bengali|बांग्ला|வங்காளம்|ബംഗാളി",
        "mr": "Marathi|मराठी|மராத்தி|മറാത്തി",
        "gu": "Gujarati|गुजराती|குஜராத்தி|ഗുജറാത്തി",
        "pa": "Punjabi|पंजाबी|பஞ்சாபி|പഞ്ചാബി",
        "ur": "Urdu|उर्दू|உருது|ഉർദു",
        "or": "Odia|उड़िया|ஒடியா|ഒഡിയ",
        "fr": "French|फ़्रेंच|பிரெஞ்சு|ഫ്രഞ്ച്",
        "es": "Spanish|स्पेनिश|ஸ்பானிஷ்|സ്പാനിഷ്",
        "de": "German|जर्मन|ஜெர்மன்|ജർമ്മൻ",
        "ar": "Arabic|अरबी|அரபு|അറബി",
    }.items()
}

# Language subtag → every way to name it: own script, other scripts, what recognisers write.
HEARD: Mapping[str, str] = {
    "en": "english inglish englis inglis angrezi angreji aangilam angilam இங்கிலீஷ் இங்கிலிஷ் இங்லீஷ் "
    "ஆங்கிலம் ஆங்கிலத்தில் ஆங்கிலத்துல இங்கிலீஷ்ல இங்கிலீஷில் अंग्रेज़ी अंग्रेजी इंग्लिश इंगलिश ഇംഗ്ലീഷ് "
    "ഇംഗ്ലിഷ് ഇംഗ്ലീഷില് ഇംഗ്ലീഷിൽ ആംഗലേയം ఇంగ్లీష్ ಇಂಗ್ಲಿಷ್ ইংরেজি इंग्रजी અંગ્રેજી ਅੰਗਰੇਜ਼ੀ anglais "
    "ingles inglés englisch",
    "hi": "hindi hindhi hindustani indhi हिंदी हिन्दी ஹிந்தி இந்தி ஹிந்தில ஹிந்தியில் இந்தியில் "
    "ഹിന്ദി ഹിന്ദിയിൽ హిందీ ಹಿಂದಿ হিন্দি હિન્દી ਹਿੰਦੀ",
    "ta": "tamil tamizh thamizh thamil tamill tamilla tamilil தமிழ் தமிழில் தமிழ்ல தமிழிலே "
    "தமிழுல तमिल तामिल "
    "तमील തമിഴ് തമിഴില് തമിഴിൽ തമിൾ తమిళం తమిళ ತಮಿಳು তামিল તમિલ ਤਮਿਲ",
    "ml": "malayalam malyalam malayalum malayaalam malayalathil മലയാളം മലയാളത്തിൽ മലയാളത്തില് മലയാളത്തില "
    "மலையாளம் மலையாளத்தில் மலையாளத்துல மலயாளம் मलयालम मलयालयम मलियालम మలయాళం ಮಲಯಾಳಂ মালয়ালম",
    "te": "telugu telegu thelugu తెలుగు తెలుగులో तेलुगु तेलुगू தெலுங்கு தெலுங்கில் തെലുങ്ക് ತೆಲುಗು",
    "kn": "kannada kannad ಕನ್ನಡ ಕನ್ನಡದಲ್ಲಿ कन्नड़ कन्नड கன்னடம் கன்னடா கன்னடத்தில் കന്നഡ കന്നട కన్నడ",
    "bn": "bengali bangla bangali বাংলা বাংলায় बंगाली बांग्ला बंगला வங்காளம் பெங்காலி வங்காளி ബംഗാളി "
    "ബംഗ്ലാ బెంగాలీ ಬೆಂಗಾಲಿ",
    "mr": "marathi maratti मराठी मराठीत மராத்தி மராட்டி மராட்டிய മറാത്തി മറാഠി మరాఠీ ಮರಾಠಿ",
    "gu": "gujarati gujrati gujarathi ગુજરાતી गुजराती குஜராத்தி ഗുജറാത്തി ഗുജറാത്തിയിൽ గుజరాతీ",
    "pa": "punjabi panjabi ਪੰਜਾਬੀ पंजाबी பஞ்சாபி പഞ്ചാബി పంజాబీ",
    "ur": "urdu اردو उर्दू உருது ഉർദു",
    "or": "odia oriya ଓଡ଼ିଆ उड़िया ओड़िया ஒடியா ഒഡിയ",
    "fr": "french francais français फ्रेंच फ़्रेंच பிரெஞ்சு பிரெஞ்ச் ഫ്രഞ്ച്",
    "es": "spanish espanol español castellano स्पेनिश ஸ்பானிஷ் സ്പാനിഷ്",
    "de": "german deutsch जर्मन ஜெர்மன் ஜெர்மானிய ജർമ്മൻ ജർമൻ",
    "ar": "arabic arabi عربي العربية عربى अरबी அரபு அரபி അറബി അറബിക്",
}

# First and last letter of a script → the languages written in it, likeliest first.
SCRIPTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("\u0900", "\u097f", ("hi", "mr")),
    ("\u0980", "\u09ff", ("bn",)),
    ("\u0a00", "\u0a7f", ("pa",)),
    ("\u0a80", "\u0aff", ("gu",)),
    ("\u0b00", "\u0b7f", ("or",)),
    ("\u0b80", "\u0bff", ("ta",)),
    ("\u0c00", "\u0c7f", ("te",)),
    ("\u0c80", "\u0cff", ("kn",)),
    ("\u0d00", "\u0d7f", ("ml",)),
    ("\u0600", "\u06ff", ("ar", "ur")),
)

# A recogniser writes these English greetings in whatever script it listens for.
NO_SIGN_OF_SCRIPT = (
    "हेलो हैलो हलो यस येस ओके नो हाय प्लीज थैंक्यू सर मैडम ஹலோ ஹலோங்க எஸ் யெஸ் ஓகே நோ ஹாய் ப்ளீஸ் தேங்க்யூ சார் "
    "மேடம் ஆமா ஆம் ஆமாம் சரி இல்லை இல்ல ഹലോ യെസ് ഓക്കെ ഓകെ നോ ഹായ് പ്ലീസ് താങ്ക്യൂ സാർ മാഡം അതെ ശരി ഇല്ല हाँ जी "
    "नहीं ठीक है"
)
