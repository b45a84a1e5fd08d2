"""Pages of leads in MongoDB, at the same speed whatever the filter and wherever they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from heapq import merge
from itertools import islice
from typing import Any

from bson import MaxKey, MinKey
from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.cursor import Cursor

from storage.campaign_rows import micros
from storage.leads import LeadQuery
from storage.mongo_documents import Document
from storage.mongo_lead_documents import LIST
from storage.mongo_place import index_place

Run = tuple[str, str, str]  # status, result, reason
_RUN = LIST[1:4]
_ORDER = [(name, ASCENDING) for name in LIST]
_FIRST = (-(2**62), "")  # before any place in the list
# Leads that a run brings at once, at least.
_BATCH_LEAST = 20


def found_leads(leads: Collection[Document], query: LeadQuery) -> Sequence[Mapping[str, Any]]:
    """Documents of the leads that match, in the order of the list.

    As in SQLite, each combination of status, result and reason is a run of the index that is in
    this order. There are some dozens, and they are merged without any being read to its end.
    """
    after = (micros(query.after[0]), query.after[1]) if query.after else _FIRST
    if query.number is not None:
        wanted = {"number": query.number, "campaign_id": query.campaign_id}
        found = leads.find_one(wanted)
        is_wanted = found is not None and _matches(_run(found), query) and _place(found) > after
        return [found] if found is not None and is_wanted else []
    wanted_runs = list(runs(leads, query))
    if not wanted_runs:
        return []
    batch = max(_BATCH_LEAST, query.limit // len(wanted_runs) + 2)
    with ExitStack() as cursors:
        parts = [
            cursors.enter_context(closing(_read(leads, query.campaign_id, run, after, batch)))
            for run in wanted_runs
        ]
        merged = merge(*parts, key=_place)
        later = (one for one in merged if _place(one) > after)
        return list(islice(later, query.limit))


def runs(leads: Collection[Document], query: LeadQuery) -> Iterator[Run]:
    """The combinations that there are and that match, each found past the end of the former."""
    first: list[object] = [query.campaign_id, query.status or MinKey(), *[MinKey()] * 4]
    last = [query.campaign_id, query.status or MaxKey(), *[MaxKey()] * 4]
    while True:
        found = next(_between(leads, first, last, dict.fromkeys(_RUN, True)).limit(1), None)
        if found is None:
            return
        run = _run(found)
        if _matches(run, query):
            yield run
        first = [query.campaign_id, *run, MaxKey(), MaxKey()]


def in_run(campaign_id: str, run: Run) -> Document:
    """The leads of a run."""
    return {"campaign_id": campaign_id, **dict(zip(_RUN, run, strict=True))}


def _read(
    leads: Collection[Document], campaign_id: str, run: Run, after: Sequence[object], batch: int
) -> Cursor[Document]:
    """A run from a place on, which is in it."""
    first = (campaign_id, *run, *after)
    last = (campaign_id, *run, MaxKey(), MaxKey())
    return _between(leads, first, last).batch_size(batch)


def _between(
    leads: Collection[Document],
    first: Sequence[object],
    last: Sequence[object],
    fields: Mapping[str, bool] | None = None,
) -> Cursor[Document]:
    """What the list has from a place to another, the latter not with it."""
    cursor = leads.find({}, fields, sort=_ORDER, hint="leads_list")
    return cursor.min(index_place(LIST, first)).max(index_place(LIST, last))


def _run(document: Mapping[str, Any]) -> Run:
    return document["status"], document["result"], document["reason"]


def _place(document: Mapping[str, Any]) -> tuple[int, str]:
    return document["created_at"], document["_id"]


def _matches(run: Run, query: LeadQuery) -> bool:
    wanted = query.status, query.result, query.reason
    return all(one is None or one == kept for one, kept in zip(wanted, run, strict=True))
