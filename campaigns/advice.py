"""What whoever makes a campaign is told before anybody is rung: hours that no law leaves open,
and what to know of the countries it rings.

Not here: the decision about a lead (`compliance.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from campaigns.calendars import is_known
from campaigns.campaign import CampaignRules, Hours
from campaigns.rules import DAYS, Law, Rule, Spans, common, show_spans
from campaigns.windows import LOOK_AHEAD, Place, asked_on, next_opening, schedule_of
from campaigns.zones import zones_of_country

# Any moment will do to see whether zones are ever open together; clocks differ by season.
_SEASONS = (datetime(2027, 1, 11, tzinfo=UTC), datetime(2027, 7, 12, tzinfo=UTC))


def mistakes(rules: CampaignRules, law: Law, countries: Sequence[str]) -> Sequence[str]:
    """What is wrong with the hours of a campaign, in sentences that name the country whose law
    leaves nothing of them. `countries`: those its leads may be of."""
    found = []
    for country in countries:
        if not any(schedule_of(rules.hours, country, frozenset(), law).usual):
            found.append(
                f"{_said(rules.hours)} {_closing(rules.hours, law.of(country)[0], country)}"
            )
        elif not _opens_before_it_ends(rules, law, country):
            found.append(
                f"Between starts_at and ends_at no hour is open in {_name(law, country)}: "
                "its nights, holidays and closed days fill them."
            )
    return tuple(found)


def notices(rules: CampaignRules, law: Law, countries: Sequence[str]) -> Sequence[str]:
    """What whoever makes a campaign should know: hours that the law cuts, consent it wants,
    rules that nobody verified, numbers that cannot be placed."""
    return tuple(line for country in countries for line in _notices_of(rules, law, country))


def _notices_of(rules: CampaignRules, law: Law, country: str) -> Iterator[str]:
    rule, name = law.of(country)[0], _name(law, country)
    if country not in law.countries:
        yield f"{name}: nobody looked up its law; rung {days_shown(rule)} at most."
    elif not rule.verified:
        yield f"{name}: its rules here are general knowledge; have a lawyer look at them."
    if cut := _cut(rules.hours, rule):
        yield f"{name}: the law leaves {cut} of the campaign's hours."
    for cap in rule.caps:
        yield f"{name}: at most {cap.most} attempts on a number within {cap.span}."
    if rule.consent and not rules.consent.required:
        yield f"{name}: selling by an agent needs consent there, and the campaign asks for none."
    if states := sorted(part.name for part in rule.parts.values()):
        yield f"{name}: shorter hours or other rules in {', '.join(states)}."
    if not rules.hours.holidays and not is_known(country):
        yield f"{name}: no calendar of its public holidays is known; people are rung on them."
    zones = zones_of_country(country)
    if not zones:
        yield f"{name}: its time zone is not known; give the file a timezone column."
    elif len(zones) > 1 and not all(
        next_opening(Place(zones, country), rules.hours, law, season) for season in _SEASONS
    ):
        yield (
            f"{name}: a number that may be anywhere in its {len(zones)} time zones (most mobile "
            "ones) is not rung at all, as no hour is open in each; give the file a timezone or "
            "state column."
        )


def _closing(hours: Hours, rule: Rule, country: str) -> str:
    where = f"{rule.name} ({country})" if rule.code else f"{country} (its law was not looked up)"
    allowed = days_shown(rule)
    source = f" ({rule.sources[0].title})" if rule.sources else ""
    return f"leave nothing in {where}: people are rung {allowed} there{source}."


def _said(hours: Hours) -> str:
    return f"The hours {hours.opens}-{hours.closes} on {', '.join(hours.days)}"


def _opens_before_it_ends(rules: CampaignRules, law: Law, country: str) -> bool:
    if rules.starts_at is None or rules.ends_at is None:
        return True
    if rules.ends_at - rules.starts_at > LOOK_AHEAD:
        return True
    openings = (
        next_opening(Place((zone,), country), rules.hours, law, rules.starts_at)
        for zone in zones_of_country(country)
    )
    found = [opening for opening in openings if opening is not None]
    return not found or min(found) < rules.ends_at


def _cut(hours: Hours, rule: Rule) -> str:
    """What a law leaves of a campaign's hours; "" when that is all of them."""
    left = {day: common(asked_on(hours, day), rule.week[index]) for index, day in enumerate(DAYS)}
    if all(spans == asked_on(hours, day) for day, spans in left.items()):
        return ""
    return _shown({day: spans for day, spans in left.items() if asked_on(hours, day)})


def days_shown(rule: Rule) -> str:
    """The hours of a rule: "mon-fri 09:00-20:00, sat 09:00-17:00, sun none"."""
    return _shown(dict(zip(DAYS, rule.week, strict=True)))


def _shown(days: dict[str, Spans]) -> str:
    """Days with the same spans together: "mon-fri 09:00-20:00, sat 09:00-17:00"."""
    groups: list[tuple[list[str], Spans]] = []
    for day, spans in days.items():
        before = DAYS[DAYS.index(day) - 1]
        if groups and groups[-1][1] == spans and groups[-1][0][-1] == before:
            groups[-1][0].append(day)
        else:
            groups.append(([day], spans))
    return ", ".join(
        f"{of[0] if len(of) == 1 else f'{of[0]}-{of[-1]}'} {show_spans(spans)}"
        for of, spans in groups
    )


def _name(law: Law, country: str) -> str:
    rule = law.countries.get(country)
    return rule.name if rule else country
