"""The form of a campaign: what it shows of rules, and the rules that were written into it.

Controls are called as the rules are: hours.opens. Whoever sends one is told all mistakes at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from campaigns.campaign import CampaignRules, Weekday
from campaigns.control import BadMoment, moment_of
from campaigns.written import Mistake, RulesRefused, Writer
from campaigns.zones import zone_of_country

# Controls that hold a number of minutes, for rules in seconds.
MINUTES = ("no_answer_s", "busy_s", "failed_s", "machine_s")
_NUMBERS = (
    "retries.attempts_most",
    "retries.per_day_most",
    "pace.calls_per_second",
    "pace.live_most",
    "consent.days_most",
    "machines.timeout_s",
    "machines.speech_threshold_ms",
    "machines.speech_end_threshold_ms",
    "machines.silence_timeout_ms",
)
_TEXTS = (
    "name",
    "agent",
    "country",
    "hours.opens",
    "hours.closes",
    "machines.detection",
    "machines.on_machine",
    *_NUMBERS,
)
_TICKS = ("hours.holidays", "consent.required")
_PAIRS = ("variables", "qualified_when")
_LONGEST = 20_000  # of a control


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """What the form shows."""

    written: Mapping[str, str]  # by control
    days: frozenset[str]
    wrong: Mapping[str, str] = field(default_factory=dict)  # control → what to write instead


def form_of(rules: CampaignRules) -> CampaignForm:
    """The form with rules in it."""
    kept = rules.model_dump(mode="json")
    written = {name: _shown(_value(kept, name)) for name in _TEXTS}
    written |= {name: "1" if _value(kept, name) else "" for name in _TICKS}
    written |= {name: _lines(kept[name]) for name in _PAIRS}
    for name in MINUTES:
        written[f"retries.{name}"] = _shown(_value(kept, f"retries.{name}") / 60)
    written["retries.spread"] = _shown(rules.retries.spread * 100)
    zone = zone_of_country(rules.country or "")
    written["timezone"] = zone
    ends_at = rules.ends_at
    written["ends_at"] = local_text(ends_at, zone) if ends_at else ""
    return CampaignForm(written, frozenset(map(str, rules.hours.days)))


def read_form(
    sent: MultiDict[str, str], writer: Writer, before: CampaignRules | None = None
) -> tuple[CampaignRules | None, CampaignForm]:
    """The rules that were written, None when they cannot be used, and the form to show again.

    `before`: the rules that the form changes; what it has no control for stays.
    """
    names = (*_TEXTS, *_TICKS, *_PAIRS, "timezone", "ends_at", "retries.spread")
    written = {
        name: sent.get(name, "").strip()[:_LONGEST]
        for name in (*names, *(f"retries.{one}" for one in MINUTES))
    }
    form = CampaignForm(written, frozenset(sent.getlist("hours.days")))
    wrong: dict[str, str] = {}
    rules = before.model_dump(mode="json") if before else {}
    _fill(rules, form, wrong)
    try:
        made = writer.read(rules)
    except RulesRefused as error:
        for mistake in error.mistakes:
            wrong.setdefault(_control(mistake), mistake.message)
        made = None
    if wrong:
        return None, CampaignForm(written, form.days, wrong)
    return made, form


def _fill(rules: dict[str, object], form: CampaignForm, wrong: dict[str, str]) -> None:
    written = form.written
    for name in _TEXTS:
        text = written[name]
        value = _as_number(text) if name in _NUMBERS else text
        _put(rules, name, None if name in _OPTIONAL and not text else value)
    for name in _TICKS:
        _put(rules, name, bool(written[name]))
    for one in MINUTES:
        name = f"retries.{one}"
        _put(rules, name, _number(name, written[name], 60, wrong))
    _put(rules, "retries.spread", _number("retries.spread", written["retries.spread"], 0.01, wrong))
    _put(rules, "hours.days", [day for day in Weekday if day in form.days])
    for name in _PAIRS:
        rules[name] = _pairs(name, written[name], wrong)
    rules["ends_at"] = None
    if written["ends_at"]:
        try:
            rules["ends_at"] = moment_of(written["ends_at"], written["timezone"])
        except BadMoment as error:
            wrong["ends_at"] = str(error)


_OPTIONAL = ("country", "consent.days_most")


def _number(name: str, text: str, unit: float, wrong: dict[str, str]) -> float:
    try:
        number = float(text or "0") * unit
    except ValueError:
        number = float("nan")
    if not 0 <= number < 1e9:
        wrong[name] = "Write a number."
        return 0
    return round(number, 6) if unit < 1 else round(number)


def _as_number(text: str) -> float | str:
    """What a text says; itself when that is no number, which its rule says then."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _pairs(name: str, text: str, wrong: dict[str, str]) -> dict[str, str]:
    pairs = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals or not key.strip():
            wrong[name] = f"Write a line such as city = Pune, not {line.strip()[:40]}."
        pairs[key.strip()] = value.strip()
    return pairs


def _control(mistake: Mistake) -> str:
    """The control at which a mistake is shown."""
    name = mistake.field
    for pairs in (*_PAIRS, "hours.days"):
        if name.startswith(f"{pairs}."):
            return pairs
    return name


def _put(rules: dict[str, object], name: str, value: object) -> None:
    section, _, key = name.rpartition(".")
    target = rules.setdefault(section, {}) if section else rules
    assert isinstance(target, dict)
    target[key] = value


def _value(kept: Mapping[str, object], name: str) -> float:
    value: object = kept
    for key in name.split("."):
        assert isinstance(value, Mapping)
        value = value[key]
    return value  # type: ignore[return-value]


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _lines(pairs: object) -> str:
    assert isinstance(pairs, Mapping)
    return "\n".join(f"{key} = {value}" for key, value in pairs.items())


def local_text(at: datetime, zone: str) -> str:
    """A moment by the clock of a zone, as forms have it: 2026-11-30T10:00."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
