"""Whether the demo campaign adds up: the file, the app's report and the town's own account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from console.demo_town import KINDS, NO_LEAD, ROWS_MORE, Barred, Person
from phone.crowd import Crowd, Rung
from phone.machines import AnsweringMachine

OPENS_H, CLOSES_H = 10, 19
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Told:
    """What the app says at the end."""

    upload: Mapping[str, Any]  # the import
    leads: Sequence[Mapping[str, Any]]
    progress: Mapping[str, Any]
    dialling: Mapping[str, Any]
    barred: frozenset[str]  # numbers that no campaign may ring


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that must be so."""

    about: str
    is_so: bool
    otherwise: str = ""  # what is the case instead


def claims(people: Sequence[Person], told: Told, crowd: Crowd) -> list[Claim]:
    """Everything that must add up."""
    by_number = {str(one["phone_number"]): one for one in told.leads}
    rings = Counter(one.number for one in crowd.rung)
    return [
        *_file(people, told),
        *_figures(told, rings.total()),
        *_leads(people, by_number, rings),
        *_manners(people, told, crowd),
    ]


def _file(people: Sequence[Person], told: Told) -> Iterator[Claim]:
    upload = told.upload
    skipped = sum(upload["skipped"].values())
    rows = f"{upload['rows']} rows = {upload['added']} leads + {skipped} that were not taken"
    left_out = sum(one.kind.status == NO_LEAD for one in people)
    expected = (len(people) + ROWS_MORE, len(people) - left_out, ROWS_MORE + left_out)
    yield Claim(
        f"The file: {rows}.", (upload["rows"], upload["added"], skipped) == expected,
        f"it should be {expected[0]} = {expected[1]} + {expected[2]}",
    )  # fmt: skip


def _figures(told: Told, rung: int) -> Iterator[Claim]:
    statuses: Mapping[str, int] = told.progress["statuses"]
    total = told.dialling["total"]
    whole = {name: number for name, number in statuses.items() if number}
    parts = " + ".join(f"{number} {name}" for name, number in whole.items())
    yield Claim(
        f"The leads: {told.progress['leads']} = {parts}.",
        told.progress["leads"] == sum(statuses.values()) == len(told.leads),
        f"{len(told.leads)} leads are listed, {sum(statuses.values())} counted",
    )
    ends = total["human"] + total["machine"] + total["unanswered"] + total["going_on"]
    yield Claim(
        f"The attempts: {total['dialled']} = {total['human']} people + {total['machine']} machines"
        f" + {total['unanswered']} unanswered.",
        total["dialled"] == ends and not total["going_on"],
        f"{total['going_on']} go on still; the parts make {ends}",
    )
    for split in ("by_hour", "by_attempt"):
        parts_of = told.dialling[split]
        numbers = " + ".join(str(one["dialled"]) for one in parts_of.values())
        yield Claim(
            f"{split.replace('_', ' ').capitalize()}: {total['dialled']} = {numbers}.",
            sum(one["dialled"] for one in parts_of.values()) == total["dialled"],
            "the parts do not make the whole",
        )
    yield Claim(
        f"The town's telephones rang {rung} times, as often as the report says.",
        rung == total["dialled"] == sum(one["attempts"] for one in told.leads),
        f"the report has {total['dialled']}, "
        f"the leads have {sum(one['attempts'] for one in told.leads)}",
    )


def _leads(
    people: Sequence[Person], by_number: Mapping[str, Mapping[str, Any]], rings: Mapping[str, int]
) -> Iterator[Claim]:
    wrong = []
    for one in people:
        lead = by_number.get(one.number)
        kind = one.kind
        expected = (kind.status, kind.result, kind.rings, kind.rings)
        kept = (NO_LEAD, "", 0) if lead is None else _kept(lead)
        found = (*kept, rings[one.number])
        if found != expected:
            wrong.append(f"{one.number} ({kind.about}): {found}, not {expected}")
    yield Claim(
        "Each lead has come to what its person did.", not wrong,
        f"{len(wrong)} have not, such as {wrong[0] if wrong else ''}",
    )  # fmt: skip


def _kept(lead: Mapping[str, Any]) -> tuple[str, str, int]:
    return str(lead["status"]), str(lead["result"] or ""), int(lead["attempts"])


def _manners(people: Sequence[Person], told: Told, crowd: Crowd) -> Iterator[Claim]:
    zones = {one.number: ZoneInfo(one.kind.zone) for one in people}
    strangers = {one.number for one in crowd.rung} - zones.keys()
    beside = [one.number for one in crowd.rung if one.is_beside]
    yield Claim(
        "Nobody was rung twice at once, and nobody who is not in the file.",
        not beside and not strangers, f"{beside + sorted(strangers)}",
    )  # fmt: skip
    late = [one for one in crowd.rung if one.number in zones and not _is_lawful(one, zones)]
    yield Claim(
        f"Everybody was rung between {OPENS_H}:00 and {CLOSES_H}:00 by their own clock, never on "
        "a Sunday.",
        not late, f"{[(one.number, one.at.astimezone(zones[one.number])) for one in late[:3]]}",
    )  # fmt: skip
    said_no = {one.number for one in people if one.kind.result == "opted_out"}
    listed = {one.number for one in people if one.kind.barred is not Barred.NEVER} | said_no
    yield Claim(
        f"{len(said_no)} people said no and were never rung again; all are on the do-not-call "
        "list.",
        listed <= told.barred, f"{sorted(listed - told.barred)} are not",
    )  # fmt: skip
    machines = [one.caller for one in crowd.rung if isinstance(one.caller, AnsweringMachine)]
    whole = [one for one in machines if _is_whole(one.recorded)]
    yield Claim(
        f"{len(whole)} machines have recorded a whole message.",
        len(whole) == len(machines),
        f"others have {[one.recorded for one in machines if one not in whole][:2]}",
    )
    yield Claim("The carrier has nothing to complain of.", not crowd.faults, f"{crowd.faults[:3]}")


def _is_whole(recorded: Sequence[str]) -> bool:
    """Whether this is the agent's message from its first word to its last, once."""
    words = " ".join(recorded)
    return words.startswith("Hello ") and words.endswith("Goodbye.") and words.count("Hello") == 1


def _is_lawful(one: Rung, zones: Mapping[str, ZoneInfo]) -> bool:
    there = one.at.astimezone(zones[one.number])
    return OPENS_H <= there.hour < CLOSES_H and there.weekday() != SUNDAY


def fates(people: Sequence[Person], told: Told, crowd: Crowd) -> Iterator[str]:
    """A line for each kind of people: how many, how often they were rung, what came of it."""
    by_number = {str(one["phone_number"]): one for one in told.leads}
    rings = Counter(one.number for one in crowd.rung)
    yield f"  {'people':>6}  {'rung':>5}  {'what they do':<50} what came of it"
    for kind in KINDS:
        alike = [one for one in people if one.kind is kind]
        came = Counter(_fate(by_number.get(one.number)) for one in alike)
        rung = sum(rings[one.number] for one in alike)
        told_as = ", ".join(
            fate if len(came) == 1 else f"{number} {fate}" for fate, number in came.most_common()
        )
        yield f"  {len(alike):>6}  {rung:>5}  {kind.about:<50} {told_as}"
    yield f"  {len(people):>6}  {rings.total():>5}  in all"


def _fate(lead: Mapping[str, Any] | None) -> str:
    if lead is None:
        return NO_LEAD
    words = [str(lead["status"]), str(lead["result"] or ""), str(lead["reason"] or "")]
    return ": ".join(dict.fromkeys(word.replace("_", " ") for word in words if word))
