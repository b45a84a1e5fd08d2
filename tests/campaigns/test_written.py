"""Rules as people send them: all mistakes at once, each with its name and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.loader import load_agents
from campaigns.campaign import CampaignRules
from campaigns.rules import load_law
from campaigns.settling import is_qualified
from campaigns.written import RulesRefused, Writer, merged

AGENTS = load_agents(Path(__file__).parents[2] / "agents")
WRITER = Writer(AGENTS, load_law(), ["IN", "US"])
SENT = {"name": "Rates", "agent": "logistics"}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"name", "agent"}),
        ({**SENT, "agent": "nobody"}, {"agent"}),
        ({**SENT, "country": "FR"}, {"country"}),
        ({**SENT, "country": "india"}, {"country"}),
        ({**SENT, "hours": {"opens": "7", "days": []}}, {"hours.opens", "hours.days"}),
        ({**SENT, "hours": {"days": ["someday"]}}, {"hours.days.0"}),
        # Some that are only seen when the others are well formed, and none that follow of those.
        ({"name": "", "agent": "nobody", "hours": {"opens": "19:00", "closes": "10:00",
          "days": ["sonntag"]}, "pace": {"calls_per_second": "fast"}, "colour": "red"},
         {"name", "agent", "hours", "hours.days.0", "pace.calls_per_second", "colour"}),
        ({**SENT, "hours": {"opens": "7", "closes": "09:00"}, "qualified_when": {"rates": "2"}},
         {"hours.opens", "qualified_when.rates"}),
        ({**SENT, "hours": {"opens": "22:00", "closes": "23:00"}, "colour": "red"},
         {"hours", "colour"}),
        ({"agent": "nobody", "qualified_when": {"count": []}},
         {"name", "agent", "qualified_when.count"}),
        ({"hours": {"closes": 9}, "pace": 1, "agent": 3},
         {"name", "agent", "hours.closes", "pace"}),
        ({**SENT, "pace": {"calls_per_second": 0, "live_most": "many"}},
         {"pace.calls_per_second", "pace.live_most"}),
        ({**SENT, "starts_at": "2026-11-30T10:00"}, {"starts_at"}),
        ({**SENT, "starts_at": "2026-11-30T10:00Z", "ends_at": "2026-11-30T10:00Z"}, {"ends_at"}),
        # East of Greenwich that has no date.
        ({**SENT, "starts_at": "9999-12-31T23:59Z", "ends_at": "0001-01-01T00:00+14:00"},
         {"starts_at", "ends_at"}),
        ({**SENT, "consent": {"days_most": 10**12}}, {"consent.days_most"}),
        ({**SENT, "variables": {"a": "x" * 3000}}, {"variables"}),
        ({**SENT, "nonsense": 1, "name": " "}, {"nonsense", "name"}),
        # JSON has numbers and truth values of its own: none of these means one.
        ({**SENT, "pace": {"live_most": "3", "calls_per_second": False}},
         {"pace.live_most", "pace.calls_per_second"}),
        ({**SENT, "hours": {"holidays": "true"}, "variables": {"a": 1}},
         {"hours.holidays", "variables.a"}),
        ({**SENT, "retries": {"busy_s": 1.5}, "starts_at": "1795165200", "ends_at": 1795165200},
         {"retries.busy_s", "starts_at", "ends_at"}),
    ],
)  # fmt: skip
def test_every_mistake_is_told_at_once(sent: dict[str, object], wrong: set[str]) -> None:
    with pytest.raises(RulesRefused) as refused:
        WRITER.read(sent)

    assert {one.field for one in refused.value.mistakes} == wrong
    assert all(one.message.endswith(".") for one in refused.value.mistakes)


def test_a_day_that_is_misspelt_is_told_once_and_without_jargon() -> None:
    told = []
    for days in (["sonntag"], []):
        with pytest.raises(RulesRefused) as refused:
            WRITER.read({**SENT, "hours": {"days": days}})
        told.append([one.message for one in refused.value.mistakes])

    assert told == [
        ["Write mon, tue, wed, thu, fri, sat or sun."],
        ["Write one day at least, such as mon."],
    ]


def test_a_field_that_the_agent_has_not_got_is_told_with_those_that_it_has() -> None:
    with pytest.raises(RulesRefused) as refused:
        WRITER.read({**SENT, "agent": "reminder", "qualified_when": {"anwser": "coming"}})

    (mistake,) = refused.value.mistakes
    assert mistake.field == "qualified_when.anwser"
    assert mistake.message == "The agent reminder has no field of this name; it has answer."


@pytest.mark.parametrize(
    ("written", "collected", "other"),
    [
        (2, 2, 3), (2.0, 2, 2.5), ("2", 2.0, 20), (2.5, 2.5, 2), ("2.50", 2.5, 25),
        (True, True, False), (False, False, True), ("Yes", True, False), ("no", False, None),
        (600, {"amount": 600, "currency": "INR"}, {"amount": 60, "currency": "INR"}),
        ("600 inr", {"amount": 600, "currency": "INR"}, {"amount": 600, "currency": "USD"}),
        ("large", "Large", "small"), ("many", "many", 2),
        ("14:00", "14:00", {"start": "14:00", "end": "17:00"}),
    ],
)  # fmt: skip
def test_a_value_that_qualifies_is_written_as_json_or_as_people_have_it(
    written: object, collected: object, other: object
) -> None:
    name = AGENTS["logistics"].fields[0].name
    rules = WRITER.read({**SENT, "qualified_when": {name: written}})

    assert is_qualified({name: collected}, rules)
    assert not is_qualified({name: other}, rules)


def test_a_part_of_the_rules_is_changed_and_taken_back() -> None:
    rules = WRITER.read({**SENT, "variables": {"a": "1", "b": "2"}, "pace": {"live_most": 5}})

    changed = WRITER.changed(
        rules, {"hours": {"closes": "18:00"}, "variables": {"a": None}, "pace": None}
    )

    assert changed == CampaignRules.model_validate(
        {**SENT, "hours": {"closes": "18:00"}, "variables": {"b": "2"}}
    )


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_patches_are_merged_as_the_rfc_has_it(
    target: object, patch: object, result: object
) -> None:
    assert merged(target, patch) == result


def test_a_patch_of_a_thousand_objects_in_each_other_is_refused_like_any_other() -> None:
    patch: object = 1
    for _ in range(5000):
        patch = {"hours": patch}
    assert isinstance(patch, dict)

    with pytest.raises(RulesRefused) as refused:
        WRITER.changed(WRITER.read(SENT), patch)

    assert refused.value.mistakes[0].field == "hours.hours"
