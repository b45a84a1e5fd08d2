"""Words that name a kind of a common category: a concert is music, a villa is a house. Data."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

# Category words (singular, any of them names the category) → words that mean one of its kind.
# Only words that hardly ever mean anything else; the rest is what an agent's synonyms are for.
_CATEGORIES: tuple[tuple[str, str], ...] = (
    # Going out
    (
        "sport sporting athletics athletic",
        "game match football soccer baseball basketball hockey tennis cricket rugby golf boxing "
        "wrestling volleyball badminton kabaddi swimming marathon tournament league playoff "
        "derby nba nfl mlb nhl ipl stadium athlete team softball lacrosse racing",
    ),
    (
        "music concert musical",
        "concert band gig singer song orchestra symphony jazz rock pop blues rap hiphop "
        "opera dj album musician choir recital karaoke electronica "
        "techno metal reggae singing guitar piano festival",
    ),
    (
        "theatre theater drama play",
        "broadway ballet comedy standup opera playhouse actor actress",
    ),
    ("romance romantic", "romantic romance romcom"),
    ("movie film cinema", "thriller romcom screening cinema flick blockbuster film movie"),
    ("art museum exhibition", "gallery painting sculpture exhibit museum exhibition"),
    # Doctors
    ("psychologist", "psychology psychotherapist psychoanalyst"),
    ("psychiatrist", "psychiatry psychiatric"),
    ("counselor counsellor therapist", "counselling counseling counsellor counselor therapist"),
    ("dentist dental", "tooth teeth toothache dental cavity filling dentist braces"),
    ("dermatologist dermatology skin", "rash acne eczema skin pimple mole dermatology"),
    ("cardiologist cardiology heart", "heart cardiac palpitation cardiology"),
    ("pediatrician paediatrician pediatric", "child baby infant toddler kid newborn pediatric"),
    ("ophthalmologist optician eye", "eye vision eyesight glasses cataract spectacle optician"),
    ("gynecologist gynaecologist", "pregnancy pregnant obgyn obstetrician"),
    ("orthopedic orthopaedic", "bone fracture joint knee sprain orthopedics backache"),
    ("physiotherapist physiotherapy physio", "physio rehab physiotherapy"),
    # Property
    ("apartment flat condo", "apartment flat condo condominium studio penthouse bhk"),
    ("house home", "villa bungalow cottage townhouse duplex mansion home house"),
    ("plot land", "land plot acre acreage"),
    ("commercial office shop", "office shop showroom warehouse retail workspace storefront"),
    # Money
    ("card", "visa mastercard rupay amex debit credit maestro"),
    ("cash", "cash coin"),
    ("upi", "gpay phonepe paytm bhim"),
    # Size and time
    ("small", "little tiny mini smallest"),
    ("medium regular", "mid average standard middle regular medium"),
    ("large big", "big biggest largest huge jumbo"),
    ("morning", "breakfast forenoon dawn sunrise"),
    ("afternoon", "noon midday lunchtime"),
    ("evening", "dusk sunset dinnertime"),
    # Price
    (
        "cheap inexpensive budget low",
        "inexpensive cheap budget affordable economical cheaper cheapest",
    ),
    ("expensive luxury premium high", "pricey costly fancy upscale luxurious luxury posh"),
    # Ways
    ("delivery deliver", "delivered deliver doorstep ship shipped courier"),
    ("pickup takeaway takeout collection", "collect pickup takeaway takeout carryout collection"),
    ("vegetarian veg", "vegan meatless veggie veg vegetarian paneer"),
    ("nonveg nonvegetarian", "chicken mutton beef meat nonveg fish prawn"),
    ("cancel cancellation", "cancelled canceled cancel cancellation"),
    ("reschedule", "postpone prepone rebook"),
)

_WORDS_OF: dict[str, frozenset[str]] = {}
for _names, _words in _CATEGORIES:
    for _name in _names.split():
        _WORDS_OF[_name] = _WORDS_OF.get(_name, frozenset()) | frozenset(_words.split())


@lru_cache(maxsize=256)
def related(names: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Words that mean a kind of what is called by any of `names` (folded words, singular)."""
    # The head of an English name comes last: "credit card" is a card, "card game" is not.
    heads = {name[-1] for name in names if name}
    return frozenset().union(*(_WORDS_OF.get(head, frozenset()) for head in heads))
