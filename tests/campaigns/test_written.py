"""Rules as people send them: all mistakes at once, each with its name and what to write."""

from __future__ import annotations

import pytest

from campaigns.campaign import CampaignRules
from campaigns.rules import load_law
from campaigns.written import RulesRefused, Writer, merged

WRITER = Writer({"logistics", "lead"}, load_law(), ["IN", "US"])
SENT = {"name": "Rates", "agent": "logistics"}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"name", "agent"}),
        ({**SENT, "agent": "nobody"}, {"agent"}),
        ({**SENT, "country": "FR"}, {"country"}),
        ({**SENT, "country": "india"}, {"country"}),
        ({**SENT, "hours": {"opens": "7", "days": []}}, {"hours.opens", "hours.days"}),
        ({**SENT, "hours": {"days": ["someday"]}}, {"hours.days", "hours.days.0"}),
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
