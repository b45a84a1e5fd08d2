"""The demo campaign, from its file to its report: over the public doors, on a clock that skips.

The server and the phone are those of this process; everything between them goes over HTTP.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener
from zoneinfo import ZoneInfo

from console.demo_clock import SkippingClock
from console.demo_report import Claim, Told, claims, fates
from console.demo_town import INDIA, Barred, Person, people, table
from phone.crowd import Crowd
from phone.exchange import Exchange

# A Tuesday on which nothing is closed, before anybody may be rung.
BEGINS_AT = datetime(2026, 12, 1, 9, 45, tzinfo=ZoneInfo(INDIA)).astimezone(UTC)
LOOK_S = 0.25
LINE_S = 2.0  # between two lines of progress
# Nothing has happened for so long: then the clock goes on to when somebody is due, and a little
# more, so that those who are due soon after are rung with them.
IDLE_S = 1.2
WITH_THEM = timedelta(minutes=20)
# By the clock on the wall: then something is wrong.
MINUTES_MOST = 8
PAGE = 500
HELD: Mapping[str, str] = {
    "hours": "outside calling hours",
    "weekday": "not on this day",
    "holiday": "on a holiday",
    "attempts_of_the_day": "rung often enough today",
}

RULES: Mapping[str, Any] = {
    "name": "Visits of this week",
    "agent": "reminder",
    "country": "IN",
    "hours": {"opens": "10:00", "closes": "19:00"},
    "pace": {"calls_per_second": 25, "live_most": 12},
    "machines": {"detection": "async", "on_machine": "message"},
    "qualified_when": {"answer": "coming"},
}


class Trouble(Exception):
    """The demo cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Door:
    """The public doors of a server on this machine."""

    address: str

    def get(self, path: str) -> Any:
        """A JSON answer. Trouble when there is none."""
        return self._asked(Request(self.address + path))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The same, to something that is sent."""
        data = json.dumps(body or {}).encode()
        headers = {"Content-Type": "application/json"}
        return self._asked(Request(self.address + path, data, headers, method="POST"))

    def upload(self, path: str, table: str) -> Any:
        """The same, to a file."""
        headers = {"Content-Type": "text/csv"}
        return self._asked(Request(self.address + path, table.encode(), headers, method="POST"))

    def _asked(self, request: Request) -> Any:
        opener = build_opener(ProxyHandler({}))  # none between a process and its own machine
        try:
            with opener.open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            words = error.read().decode("utf-8", "replace")[:300]
            raise Trouble(f"{request.method} {request.full_url}: {error.code} {words}") from error
        except (OSError, ValueError) as error:
            raise Trouble(f"{request.full_url} does not answer: {error}") from error


@dataclass
class Demo:
    """One run. `tell` is given every line there is to show."""

    door: Door
    exchange: Exchange
    clock: SkippingClock
    leads: int
    tell: Callable[[str], None]
    skipped: timedelta = field(default_factory=timedelta)

    def run(self) -> bool:
        """Ring everybody; whether all of it adds up. Trouble when it cannot be done."""
        began = time.monotonic()
        town = people(self.leads)
        crowd = Crowd(self.exchange, [one.resident for one in town], self.clock)
        crowd.open()
        try:
            campaign_id = self._made()
            upload = self._uploaded(campaign_id, town)
            self.door.post(f"/campaigns/{campaign_id}/start")
            self.tell(
                "\nStarted. Hours in which nobody is due are skipped; the clock is Chennai's.\n"
            )
            self._watch(campaign_id, crowd)
        finally:
            crowd.close()
        told = self._told(campaign_id, upload)
        took_s = time.monotonic() - began
        return self._report(town, told, crowd, took_s)

    def _made(self) -> str:
        made = self.door.post("/campaigns", RULES)
        self.tell(
            f'A campaign: "{RULES["name"]}", agent {RULES["agent"]}; 10:00 to 19:00 by the clock\n'
            "of whoever is rung, not on Sundays or holidays; at most 3 attempts; a message for "
            "machines."
        )
        return str(made["campaign_id"])

    def _uploaded(self, campaign_id: str, town: Sequence[Person]) -> Mapping[str, Any]:
        before = self._bar(town, Barred.BEFORE)
        sent = self.door.upload(f"/campaigns/{campaign_id}/upload-csv?name=visits.csv", table(town))
        until = time.monotonic() + 60
        while sent["status"] in ("waiting", "running"):
            if time.monotonic() > until:
                raise Trouble(f"The file is not read after a minute: {sent}")
            time.sleep(LOOK_S)
            sent = self.door.get(f"/imports/{sent['import_id']}")
        if sent["status"] != "done":
            raise Trouble(f"The file was not read: {sent['failure']}")
        reasons = ", ".join(
            f"{number} {reason.replace('_', ' ')}" for reason, number in sent["skipped"].items()
        )
        self.tell(f"\nIts file: {sent['rows']} rows, {sent['added']} leads. Not taken:\n{reasons}.")
        after = self._bar(town, Barred.AFTER)
        self.tell(
            f"{before} of its numbers were on the do-not-call list; {after} more have just been "
            "put on it."
        )
        return dict(sent)

    def _bar(self, town: Sequence[Person], when: Barred) -> int:
        """Put those whose time it is on the do-not-call list; how many."""
        numbers = [one.number for one in town if one.kind.barred is when]
        if numbers:
            self.door.post("/do-not-call", {"phone_numbers": numbers, "words": "wrote to us"})
        return len(numbers)

    def _watch(self, campaign_id: str, crowd: Crowd) -> None:
        """Show how it goes, and let hours pass in which nobody is due."""
        until = time.monotonic() + MINUTES_MOST * 60
        line, quiet_since, rung = "", time.monotonic(), 0
        next_line_at = 0.0
        while True:
            progress = self.door.get(f"/campaigns/{campaign_id}/progress")
            now = time.monotonic()
            if now > until:
                raise Trouble(f"It did not end in {MINUTES_MOST} minutes: {progress}")
            is_over = progress["status"] != "running"
            is_busy = crowd.live or progress["statuses"]["ringing"] or len(crowd.rung) != rung
            shown = self._line(progress, crowd)
            if shown != line and (now > next_line_at or is_over or not is_busy):
                line, next_line_at = shown, now + LINE_S
                self.tell(f"  {self._hour()}  {line}")
            if is_over:
                break
            if is_busy:
                quiet_since, rung = now, len(crowd.rung)
            elif now - quiet_since > IDLE_S and self._skip(progress):
                quiet_since = time.monotonic()
            time.sleep(LOOK_S)
        if progress["status"] != "completed":
            raise Trouble(f"The campaign is {progress['status']}: {progress['why']}")

    def _skip(self, progress: Mapping[str, Any]) -> bool:
        """Let it be when somebody is due again; False when somebody is, or nobody ever will."""
        if progress["next_due_at"] is None:
            return False
        due_at = datetime.fromisoformat(progress["next_due_at"])
        if due_at <= self.clock() + timedelta(seconds=5):
            return False
        skipped = self.clock.skip_to(due_at + WITH_THEM)
        self.skipped += skipped
        hours, minutes = divmod(round(skipped.total_seconds() / 60), 60)
        later = f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
        self.tell(f"  {self._hour()}  {later} later. {_why(progress)}")
        return True

    def _hour(self) -> str:
        return f"{self.clock().astimezone(ZoneInfo(INDIA)):%a %H:%M}"

    def _line(self, progress: Mapping[str, Any], crowd: Crowd) -> str:
        statuses = progress["statuses"]
        over = progress["leads"] - statuses["waiting"] - statuses["ringing"]
        share = over / progress["leads"] if progress["leads"] else 0.0
        bar = "█" * round(share * 20)
        now = f"{statuses['waiting']:>3} wait, {crowd.live:>2} on the phone"
        leads = f"{over:>3} of {progress['leads']} leads over"
        return f"{bar:░<20} {leads}, {now}, {len(crowd.rung):>3} calls"

    def _told(self, campaign_id: str, upload: Mapping[str, Any]) -> Told:
        time.sleep(IDLE_S)  # counts are a second old at most
        base = f"/campaigns/{campaign_id}"
        return Told(
            upload=upload,
            leads=list(self._pages(f"{base}/leads?limit={PAGE}", "leads")),
            progress=self.door.get(f"{base}/progress"),
            dialling=self.door.get(f"{base}/dialling"),
            barred=frozenset(
                str(one["phone_number"])
                for one in self._pages(f"/do-not-call?limit={PAGE}", "do_not_call")
            ),
        )

    def _pages(self, path: str, name: str) -> Iterator[Mapping[str, Any]]:
        page = self.door.get(path)
        yield from page[name]
        while page["next"]:
            page = self.door.get(f"{path}&after={page['next']}")
            yield from page[name]

    def _report(self, town: Sequence[Person], told: Told, crowd: Crowd, took_s: float) -> bool:
        total = told.dialling["total"]
        self.tell("\nThe report\n")
        for line in fates(town, told, crowd):
            self.tell(line)
        heard = total["answered_by"]
        words = ", ".join(f"{number} {word}" for word, number in heard.items())
        self.tell(
            f"\n  {total['completed']} calls completed, {total['qualified']} of them by people who "
            f"come. Of {total['answered']} that were\n  answered the carrier heard "
            f"{words or 'nobody'}; {total['answered'] - sum(heard.values())} hung up before it "
            "could tell.\n  Whoever spoke is a person to us, whatever the carrier heard."
        )
        self.tell("\nDoes it add up?\n")
        found = claims(town, told, crowd)
        for claim in found:
            self.tell(_shown(claim))
        days = self.skipped.total_seconds() / 86_400
        wrong = [claim for claim in found if not claim.is_so]
        self.tell(
            f"\n{len(town)} leads, {len(crowd.rung)} calls, at most {crowd.most_live} at once; "
            f"{days:.1f} days in {took_s:.0f} seconds."
        )
        if wrong:
            self.tell(f"It does NOT add up: {len(wrong)} of {len(found)} checks fail.")
        else:
            self.tell("It adds up, to the last lead.")
        return not wrong


def _why(progress: Mapping[str, Any]) -> str:
    """Who was held back until then."""
    told = [f"{number} {HELD.get(why, why)}" for why, number in progress["held"].items()]
    again = progress["statuses"]["waiting"] - sum(progress["held"].values())
    if again:
        told.append(f"{again} to be rung again")
    return f"({', '.join(told)})"


def _shown(claim: Claim) -> str:
    if claim.is_so:
        return f"  yes  {claim.about}"
    return f"  NO   {claim.about} But {claim.otherwise}."
