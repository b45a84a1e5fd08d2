"""How fast tables become leads: rows a second and memory, from the file to the store.

`python -m benchmarks.campaigns_import [--rows N] [--store sqlite|mongodb] [--form csv|xlsx]`. The
file is read as a server has it read: by a process of its own, whose highest memory is told. Beside
it somebody writes into the same database now and then, as calls do: how long they waited is told.
Its last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from campaigns.book import Campaigns
from campaigns.campaign import Campaign, CampaignRules
from campaigns.import_process import new_id, now, open_importer
from campaigns.import_rounds import ImportRounds
from campaigns.importing import Importer
from campaigns.imports import Import, ImportKind, Order
from settings import Settings
from storage import open_register
from storage.register import Entry, Register
from tests.storage import mongod as real

HEADINGS = ("name", "phone", "property_type", "location")
# Written as people write them: E.164, with the code, national, with separators.
FORMS = ("+91{}", "91{}", "{}", "0{}", "+91 {} ")
# Between two writes of somebody else.
WRITE_EVERY_S = 0.02
# Of a thousand rows.
DOUBLES, BROKEN = 5, 5


def main() -> None:
    """Import one table and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--store", choices=["sqlite", "mongodb"], default="sqlite")
    parser.add_argument("--form", choices=["csv", "xlsx"], default="csv")
    chosen = parser.parse_args()
    with ExitStack() as at_end:
        folder = Path(at_end.enter_context(tempfile.TemporaryDirectory()))
        uri = ""
        if chosen.store == "mongodb":
            uri = at_end.enter_context(real.running()).uri()
        table = folder / f"table.{chosen.form}"
        (write_csv if chosen.form == "csv" else write_sheet)(table, chosen.rows)
        settings = Settings(data_dir=str(folder / "data"), mongodb_uri=uri)
        figures = measured(settings, table, at_end)
    figures |= {"store": chosen.store, "form": chosen.form}
    print(
        f"{'rows':>10} {'seconds':>8} {'rows/s':>8} {'CPU s':>7} {'rows/CPU s':>10} {'MB':>5} "
        f"{'write p50':>9} {'p99':>6} {'worst':>6} ms"
    )
    print(
        f"{figures['rows']:>10,} {figures['seconds']:>8.1f} {figures['rows_per_s']:>8,.0f} "
        f"{figures['cpu_s']:>7.1f} {figures['rows_per_cpu_s']:>10,.0f} "
        f"{figures['peak_megabytes']:>5.0f} {figures['write_p50_ms']:>9.1f} "
        f"{figures['write_p99_ms']:>6.1f} {figures['write_worst_ms']:>6.1f}"
    )
    print(json.dumps(figures))


def measured(settings: Settings, table: Path, at_end: ExitStack) -> dict[str, Any]:
    """Import a table as a server does; the figures."""
    importer = open_importer(settings, at_end)
    register = open_register(settings)
    at_end.callback(register.close)
    rules = CampaignRules(name="Benchmark", agent="logistics")
    campaign = Campaigns(register, now, new_id).add(rules)
    rounds = ImportRounds(importer, settings)
    begun = _begun(importer, campaign, table)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with _writing_beside(register) as waits:
        ended = _waited(rounds, begun)
    seconds = time.perf_counter() - started
    rounds.close()  # which waits for the process, so that its figures are there
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Once more, where everybody is there already.
    rounds, started = ImportRounds(importer, settings), time.perf_counter()
    again = _waited(rounds, _begun(importer, campaign, table))
    again_s = time.perf_counter() - started
    rounds.close()
    return {
        "rows": ended.rows,
        "added": ended.added,
        "skipped": dict(ended.skipped),
        "seconds": seconds,
        "rows_per_s": ended.rows / seconds,
        "again_rows_per_s": again.rows / again_s,
        "cpu_s": cpu_s,
        "rows_per_cpu_s": ended.rows / cpu_s,
        "peak_megabytes": after.ru_maxrss / 1024,
        "file_mb": ended.size_bytes / 1e6,
        "write_p50_ms": statistics.median(waits),
        "write_p99_ms": statistics.quantiles(waits, n=100)[-1],
        "write_worst_ms": max(waits),
    }


@contextmanager
def _writing_beside(register: Register) -> Iterator[list[float]]:
    """Somebody else who writes meanwhile; how many milliseconds it took them each time."""
    waits: list[float] = []
    over = Event()

    def write() -> None:
        kept = Entry("benchmark", "beside", {}, now(), now())
        while not over.wait(WRITE_EVERY_S):
            began = time.perf_counter()
            kept = register.put(kept)
            waits.append((time.perf_counter() - began) * 1000)

    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(write)
        try:
            yield waits
        finally:
            over.set()
    writing.result()


def _begun(importer: Importer, campaign: Campaign, table: Path) -> Import:
    order = Order(ImportKind.LEADS, campaign.campaign_id, table.name, "IN")
    with table.open("rb") as content:
        return importer.imports.begin(order, content)


def _waited(rounds: ImportRounds, begun: Import) -> Import:
    stop = Event()
    while True:
        rounds.work(stop)
        found = rounds.importer.imports.get(begun.import_id)
        if found is not None and found.is_over:
            return found
        time.sleep(0.05)


def write_csv(file: Path, rows: int) -> None:
    """A table of people, in text."""
    with file.open("w", encoding="utf-8") as out:
        out.write(",".join(HEADINGS) + "\n")
        out.writelines(",".join(row) + "\n" for row in people(rows))


def write_sheet(file: Path, rows: int) -> None:
    """The same as a sheet."""
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([HEADINGS, *people(min(rows, 1_048_575))]):
            for column, cell in enumerate(row):
                sheet.write_string(place, column, cell)


def people(rows: int) -> Iterator[tuple[str, ...]]:
    """Rows of people in no order of their numbers; some are there twice, some are none."""
    dice = random.Random(6)
    before = "9876543210"
    for place in range(rows):
        kind = dice.randrange(1000)
        national = f"98{place * 7_919_417 % 100_000_000:08}"
        if kind < DOUBLES:
            national = before
        elif kind < DOUBLES + BROKEN:
            national = national[:6]
        before = national
        number = FORMS[place % len(FORMS)].format(national)
        yield f"Person {place}", number, "villa", f"Chennai {place % 50}"


if __name__ == "__main__":
    main()
