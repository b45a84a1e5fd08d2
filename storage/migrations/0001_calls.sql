-- Calls, their turns, what they collected and what the carrier reported of them.
-- Moments are ISO 8601 texts of one width in UTC, so that their order is that of time.
-- Documents are JSON texts, so that json_extract() reads them.

CREATE TABLE calls (
    call_id TEXT NOT NULL PRIMARY KEY,
    carrier_id TEXT UNIQUE,
    agent TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    direction TEXT NOT NULL,
    caller_number TEXT NOT NULL,
    line_number TEXT NOT NULL,
    stage TEXT NOT NULL,
    language TEXT NOT NULL,
    outcome TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    ended_at TEXT,
    status TEXT NOT NULL,
    status_sequence INTEGER NOT NULL,
    transport TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT NOT NULL,
    version INTEGER NOT NULL
);

CREATE INDEX calls_by_age ON calls (created_at);
CREATE INDEX calls_by_agent ON calls (agent, created_at);
CREATE INDEX calls_by_outcome ON calls (outcome, created_at) WHERE outcome IS NOT NULL;
-- For the sweep. By created_at, which stays, because updated_at would be moved at every save.
CREATE INDEX calls_open ON calls (created_at) WHERE ended_at IS NULL;

CREATE TABLE turns (
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    turn INTEGER NOT NULL,
    at TEXT NOT NULL,
    stage TEXT NOT NULL,
    language TEXT NOT NULL,
    caller TEXT NOT NULL,
    caller_by TEXT NOT NULL,
    confidence REAL,
    agent TEXT NOT NULL,
    accepted TEXT NOT NULL,
    brain TEXT,
    timings_ms TEXT NOT NULL,
    PRIMARY KEY (call_id, turn)
) WITHOUT ROWID;

CREATE TABLE collected (
    call_id TEXT NOT NULL PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,
    carrier_id TEXT,
    agent TEXT NOT NULL,
    caller_number TEXT NOT NULL,
    language TEXT NOT NULL,
    outcome TEXT NOT NULL,
    complete INTEGER NOT NULL,
    data TEXT NOT NULL,
    collected_at TEXT NOT NULL
);

CREATE INDEX collected_by_age ON collected (collected_at);
CREATE INDEX collected_by_agent ON collected (agent, collected_at);

-- No reference to calls: the carrier may report a call before it is kept. The rowid is the order
-- of arrival.
CREATE TABLE events (
    arrival INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (call_id, key)
);

-- What the health check writes.
CREATE TABLE probe (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    checks INTEGER NOT NULL
);

INSERT INTO probe (id, checks) VALUES (1, 0);
