"""What a set of calls adds up to, read out of its tallies (`storage.facts.tallies_of`). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.facts import UNFINISHED, Tallies, value_of

MOODS = ("positive", "neutral", "negative")


@dataclass(frozen=True, slots=True)
class Left:
    """Where callers left before the end, and how many."""

    stage: str
    field: str  # "": no single field was being asked
    outcome: str
    calls: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some calls. Shares are from 0 to 1; None where there is nothing to share."""

    tallies: Tallies

    def number(self, name: str) -> int:
        """One tally; 0 when nothing was counted."""
        return self.tallies.get(name, 0)

    def of(self, kind: str) -> dict[str, int]:
        """All tallies of a kind by their name, the largest first."""
        start = f"{kind}/"
        found = {
            name.removeprefix(start): number
            for name, number in self.tallies.items()
            if name.startswith(start)
        }
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    @property
    def calls(self) -> int:
        """All that have ended."""
        return self.number("calls")

    @property
    def completed(self) -> int:
        """Those that brought home what they were for."""
        return self.number("outcome/completed")

    @property
    def unfinished(self) -> int:
        """Those whose caller was there and did not get to the end."""
        return sum(self.number(f"outcome/{outcome}") for outcome in UNFINISHED)

    @property
    def connected(self) -> int:
        """Those in which somebody was on the line."""
        return self.calls - self.number("outcome/failed")

    @property
    def completion_rate(self) -> float | None:
        """Of the calls in which somebody was on the line."""
        return _share(self.completed, self.connected)

    @property
    def abandonment_rate(self) -> float | None:
        """Unfinished calls of those in which somebody was on the line."""
        return _share(self.unfinished, self.connected)

    @property
    def average_duration_s(self) -> float | None:
        """Of the calls in which somebody was on the line."""
        return _per(self.number("duration_ms") / 1000, self.connected)

    @property
    def median_duration_s(self) -> float | None:
        """Within 5 %."""
        return percentile(self.of("duration"), 0.5)

    @property
    def left(self) -> list[Left]:
        """Where callers left, the commonest first."""
        found = []
        for name, calls in self.of("left").items():
            outcome, _, place = name.partition("/")
            stage, _, asked = place.partition("/")
            found.append(Left(stage, asked, outcome, calls))
        return found

    @property
    def cost(self) -> dict[str, float]:
        """Dollars by item, the largest first."""
        return {item: micros / 1e6 for item, micros in self.of("cost").items()}

    @property
    def total_cost(self) -> float:
        """Dollars."""
        return round(sum(self.of("cost").values()) / 1e6, 6)

    @property
    def answers(self) -> int:
        """Whose time is known."""
        return sum(self.of("answer").values())

    def answer_ms(self, share: float) -> float | None:
        """The milliseconds within which that share of answers came, within 5 %."""
        return percentile(self.of("answer"), share)

    @property
    def scored(self) -> int:
        """Calls whose sentiment is known."""
        return sum(self.of("mood").values())

    @property
    def sentiment(self) -> float | None:
        """The mean, from -1 displeased to 1 pleased."""
        return _per(self.number("sentiment") / 1000, self.scored)

    @property
    def phrases(self) -> dict[str, int]:
        """In how many calls, the commonest first; what only one caller said is nobody else's."""
        return {phrase: calls for phrase, calls in self.of("phrase").items() if calls > 1}

    @property
    def moods(self) -> dict[str, int]:
        """Calls that were positive, neutral, negative."""
        return {mood: self.number(f"mood/{mood}") for mood in MOODS}


def added(many: Iterable[Tallies]) -> Counter[str]:
    """Tallies added up."""
    total: Counter[str] = Counter()
    for one in many:
        total.update(one)
    return total


def percentile(histogram: Mapping[str, int], share: float) -> float | None:
    """The value below which that share of a histogram lies; None when it is empty."""
    wanted = share * sum(histogram.values())
    if not wanted:
        return None
    reached = 0
    bucket = 0
    for bucket in sorted(map(int, histogram)):
        reached += histogram[str(bucket)]
        if reached >= wanted:
            break
    return float(f"{value_of(bucket):.3g}")


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _per(total: float, number: int) -> float | None:
    return round(total / number, 3) if number else None
