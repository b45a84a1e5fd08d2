-- One narrow fact an ended call, and what they add up to a day.

-- The version of the call that its fact was made from. A call that was saved since is unread again;
-- saving it needs to know nothing of facts.
ALTER TABLE calls ADD COLUMN fact_version INTEGER NOT NULL DEFAULT -1;
CREATE INDEX calls_unread ON calls (created_at) WHERE ended_at IS NOT NULL AND fact_version <> version;

-- body: the fact as JSON; tallies: what it adds to its day, as JSON.
CREATE TABLE facts (
    call_id TEXT NOT NULL PRIMARY KEY,
    day TEXT NOT NULL,
    agent TEXT NOT NULL,
    campaign TEXT NOT NULL,
    body TEXT NOT NULL,
    tallies TEXT NOT NULL
);

CREATE INDEX facts_by_day ON facts (day);

-- mark: another one whenever a fact of the day comes or goes, NULL when the day is added up.
CREATE TABLE fact_days (
    day TEXT NOT NULL PRIMARY KEY,
    mark TEXT,
    parts TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX fact_days_stale ON fact_days (day) WHERE mark IS NOT NULL;
