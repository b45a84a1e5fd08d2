"""Statements about leads in SQLite, each with the index that it needs. No connection.

The database would choose another now and then, and look through a million leads.
"""

from __future__ import annotations

from storage.campaign_rows import ATTEMPT_COLUMNS, LEAD_CHANGES, LEAD_COLUMNS, REFUSAL_COLUMNS

_LEAD = ", ".join(LEAD_COLUMNS)
_ATTEMPT = ", ".join(ATTEMPT_COLUMNS)
_REFUSAL = ", ".join(REFUSAL_COLUMNS)


def _values(columns: tuple[str, ...]) -> str:
    return ", ".join("?" * len(columns))


# A number that is put down and has no lead in its place is nobody's (see sqlite_lead_adding.py).
_CAMPAIGN = "(SELECT campaign FROM lead_campaigns WHERE campaign_id = ?1)"
KNOWN = (
    "SELECT leads.number FROM json_each(?2) CROSS JOIN lead_numbers "
    f"ON lead_numbers.campaign = {_CAMPAIGN} AND lead_numbers.number = json_each.value "
    "CROSS JOIN leads ON leads.place = lead_numbers.place"
)
GET = f"SELECT {_LEAD} FROM leads WHERE lead_id = ?"
SOME = f"SELECT {_LEAD} FROM leads WHERE lead_id IN (SELECT value FROM json_each(?))"
# One look for each campaign there ever was.
OF_NUMBER = (
    f"SELECT {', '.join(f'leads.{name}' for name in LEAD_COLUMNS)} FROM lead_campaigns "
    "CROSS JOIN lead_numbers ON lead_numbers.campaign = lead_campaigns.campaign "
    "AND lead_numbers.number = ? CROSS JOIN leads ON leads.place = lead_numbers.place "
    "WHERE lead_campaigns.campaign > 0 ORDER BY leads.created_at"
)
SAVE = (
    "UPDATE leads SET "
    f"{', '.join(f'{name} = :{name}' for name in LEAD_CHANGES if name != 'version')}, "
    "version = version + 1 WHERE lead_id = :lead_id AND version = :version"
)

SAVE_OR_IGNORE = SAVE.replace("UPDATE leads", "UPDATE OR IGNORE leads", 1)

# Past the end of a run: from its beginning all of it would be read.
NEXT_RUN = (
    "SELECT status, result, reason FROM leads INDEXED BY leads_list WHERE campaign_id = ? "
    f"AND (status, result, reason, created_at) > (?, ?, ?, {2**62}) "
    "ORDER BY status, result, reason, created_at LIMIT 1"
)
RUN = (
    "SELECT created_at, lead_id, place FROM leads INDEXED BY leads_list WHERE campaign_id = ? "
    "AND status = ? AND result = ? AND reason = ? AND (created_at, lead_id) > (?, ?) "
    "ORDER BY created_at, lead_id"
)
ONE_OF_CAMPAIGN = (
    "SELECT status, result, reason, created_at, lead_id, leads.place FROM lead_numbers "
    "CROSS JOIN leads ON leads.place = lead_numbers.place "
    f"WHERE lead_numbers.campaign = {_CAMPAIGN} AND lead_numbers.number = ?2"
)
AT_PLACES = (
    f"SELECT {_LEAD} FROM leads WHERE place IN (SELECT value FROM json_each(?)) "
    "ORDER BY created_at, lead_id"
)
COUNTS = (
    "SELECT status, result, reason, COUNT(*) FROM leads INDEXED BY leads_list "
    "WHERE campaign_id = ? GROUP BY status, result, reason"
)

DUE = (
    f"SELECT {_LEAD} FROM leads INDEXED BY leads_due WHERE campaign_id = ? "
    "AND status = 'waiting' AND due_at <= ? ORDER BY due_at LIMIT ?"
)
PUT_OFF = (
    "UPDATE leads SET due_at = ?, reason = ?, updated_at = ?, version = version + 1 "
    "WHERE lead_id = ?"
)
NEXT_DUE = (
    "SELECT MIN(due_at) FROM leads INDEXED BY leads_due WHERE campaign_id = ? "
    "AND status = 'waiting'"
)
EXPIRED = (
    f"SELECT {_LEAD} FROM leads INDEXED BY leads_leased WHERE status = 'ringing' "
    "AND lease_until <= ? ORDER BY lease_until LIMIT ?"
)
RINGING = (
    "SELECT campaign_id, COUNT(*) FROM leads INDEXED BY leads_leased WHERE status = 'ringing' "
    "GROUP BY campaign_id"
)
# Of those who ring the rows are read: there are never many.
IN_CALL = (
    "SELECT COUNT(*) FROM leads INDEXED BY leads_leased WHERE status = 'ringing' AND call_id <> ''"
)
HOLD = (
    "UPDATE leads SET due_at = ?, reason = ?, updated_at = ?, version = version + 1 "
    "WHERE place IN (SELECT place FROM leads INDEXED BY leads_by_zones WHERE campaign_id = ? "
    "AND status = 'waiting' AND zones = ? AND country = ? AND due_at <= ? LIMIT ?)"
)
CANCEL = (
    "UPDATE leads SET status = 'canceled', updated_at = ?, version = version + 1 "
    "WHERE place IN (SELECT place FROM leads INDEXED BY leads_due WHERE campaign_id = ? "
    "AND status = 'waiting' LIMIT ?)"
)

ADD_ATTEMPT = f"INSERT INTO attempts ({_ATTEMPT}) VALUES ({_values(ATTEMPT_COLUMNS)})"
KEEP_ATTEMPT = (
    f"UPDATE attempts SET {', '.join(f'{name} = ?' for name in ATTEMPT_COLUMNS[1:])} "
    "WHERE call_id = ?"
)
ATTEMPT = f"SELECT {_ATTEMPT} FROM attempts WHERE call_id = ?"
SOME_ATTEMPTS = f"SELECT {_ATTEMPT} FROM attempts WHERE call_id IN (SELECT value FROM json_each(?))"
ATTEMPTS_OF = f"SELECT {_ATTEMPT} FROM attempts WHERE lead_id = ? ORDER BY started_at, attempt"
ATTEMPTS_BY_LEAD = (
    f"SELECT {_ATTEMPT} FROM attempts INDEXED BY attempts_of_lead "
    "WHERE lead_id IN (SELECT value FROM json_each(?)) ORDER BY lead_id, started_at, attempt"
)
RUNG = (
    "SELECT number, SUM(started_at >= ?), COUNT(*), MAX(started_at) "
    "FROM attempts INDEXED BY attempts_on_number "
    "WHERE number IN (SELECT value FROM json_each(?)) AND result <> 'not_placed' GROUP BY number"
)
TALLIES = (
    "SELECT attempt, local_hour, result, answered_by, spoke, qualified, COUNT(*), SUM(seconds) "
    "FROM attempts INDEXED BY attempts_counted WHERE campaign_id = ? GROUP BY 1, 2, 3, 4, 5, 6"
)

REFUSE = f"INSERT INTO refusals ({_REFUSAL}) VALUES ({_values(REFUSAL_COLUMNS)})"

SOME_OF_CAMPAIGN = "SELECT lead_id FROM leads INDEXED BY leads_list WHERE campaign_id = ? LIMIT ?"
SOME_OVER = (
    "SELECT lead_id FROM leads INDEXED BY leads_list WHERE campaign_id = ? "
    "AND status IN ('done', 'given_up', 'refused', 'canceled') LIMIT ?"
)
# As `number_key` has it.
_KEY = (
    "CASE WHEN number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*' "
    "AND length(number) < 20 THEN CAST(substr(number, 2) AS INTEGER) ELSE number END"
)
_DELETE_THEIR_NUMBERS = (
    f"DELETE FROM lead_numbers WHERE (campaign, number) IN (SELECT lead_campaigns.campaign, {_KEY} "
    "FROM json_each(?) CROSS JOIN leads ON leads.lead_id = json_each.value CROSS JOIN "
    "lead_campaigns ON lead_campaigns.campaign_id = leads.campaign_id)"
)
DELETE_LEADS = (
    _DELETE_THEIR_NUMBERS,
    *(
        f"DELETE FROM {table} WHERE {unless}lead_id IN (SELECT value FROM json_each(?))"
        for table, unless in (("attempts", ""), ("refusals", "lead_id <> '' AND "), ("leads", ""))
    ),
)
# Of leads that are gone, or are being added.
DELETE_NUMBERS = (
    f"DELETE FROM lead_numbers WHERE campaign = {_CAMPAIGN} AND number IN (SELECT number "
    f"FROM lead_numbers one WHERE campaign = {_CAMPAIGN} "
    "AND NOT EXISTS (SELECT 1 FROM leads WHERE leads.place = one.place) LIMIT ?2)"
)
FORGET_NUMBER = (
    "DELETE FROM lead_numbers WHERE campaign IN (SELECT campaign FROM lead_campaigns "
    "WHERE campaign > 0) AND number = ?"
)
DELETE_REFUSALS = (
    "DELETE FROM refusals WHERE place IN (SELECT place FROM refusals WHERE campaign_id = ? LIMIT ?)"
)
DELETE_REST = (
    "DELETE FROM attempts WHERE call_id IN (SELECT call_id FROM attempts WHERE campaign_id = ? "
    "LIMIT ?)",
    DELETE_REFUSALS,
)


def refusals_statement(of_lead: bool, before: bool) -> str:
    """What the gate refused, newest first: of a campaign or of a lead of it, from a moment on."""
    until = " AND at < :before" if before else ""
    return f"{_refused(of_lead)}{until} ORDER BY at DESC, place DESC LIMIT :limit"


def refusals_at(of_lead: bool) -> str:
    """What it refused at one moment."""
    return f"{_refused(of_lead)} AND at = :at ORDER BY place DESC"


def _refused(of_lead: bool) -> str:
    if of_lead:
        where = "lead_id = :lead_id AND lead_id <> '' AND campaign_id = :campaign_id"
        return f"SELECT {_REFUSAL} FROM refusals INDEXED BY refusals_of_lead WHERE {where}"
    where = "campaign_id = :campaign_id"
    return f"SELECT {_REFUSAL} FROM refusals INDEXED BY refusals_by_age WHERE {where}"
