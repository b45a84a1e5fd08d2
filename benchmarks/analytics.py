"""Questions about a million calls, cold and warm, and what making a fact costs a call.

Prints a table, and as the last line one JSON object. Run: python -m benchmarks.analytics [facts]
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

from pymongo import MongoClient

from agents.loader import load_agents
from calls.analytics import Analytics, Question
from calls.bookkeeping import Bookkeeping
from calls.insights import Insights
from settings import Settings, read_settings
from storage import open_facts
from storage.facts import CallFact, Facts, bucket_of
from storage.mongo_facts import MongoFacts
from storage.records import CallRecord, TurnRecord
from storage.sqlite import SqliteStorage
from storage.sqlite_facts import SqliteFacts
from tests.sources import ROOT
from tests.storage.mongod import Mongod, why_not
from tests.storage.samples import a_call, a_turn

DAYS = 90
LAST = date(2026, 11, 20)
CHUNK = 2_000
# Facts of which none is like another; the rest are copies, made within the store.
UNLIKE = 20_000
AGENTS = ("logistics", "pizza", "clinic", "lead")
OUTCOMES = ("completed",) * 6 + ("abandoned", "abandoned", "handed_over", "stuck", "failed")
FIELDS = ("charge", "window", "size", "topping", "day", "name")
PHRASES = tuple(
    f"{one} {other}"
    for one in "late fast new old".split()
    for other in "truck pizza route rate window price order doctor visit delivery".split()
)
CALLS = 500  # of which facts are made
MILLION = 1_000_000


def main() -> None:
    """Measure every backend."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else MILLION
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as left:
        for name, settings, floor in backends(Path(folder), left):
            facts = left.enter_context(closing(open_facts(settings)))
            results[name] = measured(facts, number, lambda: open_facts(settings), floor)  # noqa: B023
        results["a fact of a call"] = made(Path(folder) / "calls.db")
    print(f"{number:,} facts over {DAYS} days; seconds")
    for name, result in results.items():
        print(name)
        for what, value in result.items():
            print(f"  {what:44}{value:12.4f}")
    print(json.dumps(results))


def backends(folder: Path, left: ExitStack) -> Iterator[tuple[str, Settings, Callable[[], object]]]:
    """What is measured: a name, settings, and the plain COUNT(*) that is the floor."""
    settings = read_settings({"DATA_DIR": str(folder / "sqlite")})

    def count_rows() -> object:
        file = SqliteFacts(folder / "sqlite" / "callwright.db")
        with closing(file), file._read() as connection:
            return connection.execute("SELECT COUNT(*) FROM facts").fetchone()

    yield "sqlite", settings, count_rows
    if why_not() is None and "--sqlite" not in sys.argv:
        server = left.enter_context(closing(Mongod()))
        server.start()
        uri = server.uri("analytics")
        client = left.enter_context(MongoClient[dict[str, object]](uri))
        wanted: dict[str, object] = {}
        yield (
            "mongodb",
            read_settings({"DATA_DIR": str(folder / "mongo"), "MONGODB_URI": uri}),
            lambda: client["analytics"]["facts"].count_documents(wanted),
        )


def measured(
    facts: Facts, number: int, reopen: Callable[[], Facts], floor: Callable[[], object]
) -> dict[str, float]:
    """Fill a store, add up its days, and ask."""
    chance = random.Random(1)
    unlike = min(number, UNLIKE)
    began = time.perf_counter()
    for start in range(0, unlike, CHUNK):
        facts.keep([some_fact(chance, place) for place in range(start, start + CHUNK)])
    filled_s = time.perf_counter() - began
    for copy in range(1, number // unlike):
        copy_all(facts, copy)
    days = facts.stale_days(DAYS * 2)
    added = [timed(lambda: facts.add_up(day)) for day in days]  # noqa: B023
    found = {
        "keeping a fact": filled_s / unlike,
        "adding up a day, median": statistics.median(added),
        "adding up a day, slowest": max(added),
        "floor: COUNT(*)": min(timed(floor) for _ in range(3)),
    }
    question = Question(LAST - timedelta(days=DAYS - 1), LAST)
    for name, asked in (("all", question), ("one agent", replace(question, agent="pizza"))):
        # Another connection, and nothing remembered: as after a start.
        with closing(reopen()) as cold:
            analytics = Analytics(cold, lambda: datetime.now(UTC))
            found[f"{name}: cold"] = timed(lambda: analytics.answer(asked))  # noqa: B023
            found[f"{name}: remembered"] = timed(lambda: analytics.answer(asked))  # noqa: B023
    facts.keep([some_fact(chance, number)])
    with closing(reopen()) as cold:
        analytics = Analytics(cold, lambda: datetime.now(UTC))
        found["all: cold, a call has just ended"] = timed(lambda: analytics.answer(question))
    return found


def copy_all(facts: Facts, copy: int) -> None:
    """Every fact once more, under another id."""
    if isinstance(facts, SqliteFacts):
        with facts._write() as connection:
            connection.execute(
                "INSERT INTO facts SELECT call_id || ?, day, agent, campaign, body, tallies "
                "FROM facts WHERE call_id NOT LIKE '%copy%'",
                (f"-copy-{copy}",),
            )
    elif isinstance(facts, MongoFacts):
        facts._facts.aggregate(
            [
                {"$match": {"_id": {"$not": {"$regex": "copy"}}}},
                {"$set": {"_id": {"$concat": ["$_id", f"-copy-{copy}"]}}},
                {"$merge": {"into": "facts"}},
            ],
            maxTimeMS=600_000,
        )


def made(path: Path) -> dict[str, float]:
    """CPU seconds that the work behind the calls takes for each, rules and lexicon only."""
    with closing(SqliteStorage(path)) as storage, closing(SqliteFacts(path)) as facts:
        for place in range(CALLS):
            call = replace(a_call(f"call-{place}"), agent="logistics")
            storage.create_call(call)
            for turn in range(8):
                call = storage.save_call(call, some_turn(call, turn))
            ended = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
            storage.save_call(replace(call, outcome="completed", ended_at=ended))
        agents = load_agents(ROOT / "agents")
        insights = Insights(storage, facts, agents, Bookkeeping(), None, lambda: datetime.now(UTC))
        began, cpu = time.perf_counter(), time.process_time()
        while facts.unread(datetime.now(UTC), 1):
            insights.work(Event())
        taken = (time.perf_counter() - began, time.process_time() - cpu)
    return {"elapsed": taken[0] / CALLS, "CPU": taken[1] / CALLS}


def some_turn(call: CallRecord, turn: int) -> TurnRecord:
    """A turn in which the caller says a sentence."""
    words = "I am sorry, the truck is late again and the loading bay is closed until 5"
    return a_turn(turn, call.call_id, caller=words if turn else "", accepted={})


def some_fact(chance: random.Random, place: int) -> CallFact:
    """A call such as there are many, more of them by day."""
    day = LAST - timedelta(days=place % DAYS)
    hour = int(chance.triangular(0, 23.99, 11))
    outcome = chance.choice(OUTCOMES)
    turns = chance.randint(3, 14)
    times = [chance.lognormvariate(5, 1) for _ in range(turns)]
    answers: dict[int, int] = {}
    for ms in times:
        bucket = bucket_of(ms)
        answers[bucket] = answers.get(bucket, 0) + 1
    return CallFact(
        call_id=f"call-{place}",
        call_version=3,
        agent=chance.choice(AGENTS),
        campaign="",
        started_at=datetime(day.year, day.month, day.day, hour, 5, tzinfo=UTC),
        direction="inbound",
        language=chance.choice(("en-IN", "en-IN", "ta-IN", "hi-IN")),
        outcome=outcome,
        stage="completed" if outcome == "completed" else chance.choice(("welcome", "collecting")),
        field="" if outcome == "completed" else chance.choice(FIELDS),
        duration_s=chance.lognormvariate(4.4, 0.5),
        turns=turns,
        misses=chance.randint(0, 2),
        silences=chance.randint(0, 1),
        brains={"rules": 2, "some-model": turns - 2},
        cost={"line": 0.017, "model": chance.random() / 500, "speech": chance.random() / 100},
        answers=answers,
        sentiment=max(-1.0, min(1.0, chance.gauss(0.15, 0.4))),
        emotions=(chance.choice(("grateful", "confused", "frustrated")),) if turns > 9 else (),
        phrases=chance.sample(PHRASES, 4),
        judged_by="lexicon",
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds of some work."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    os.nice(5)
    main()
