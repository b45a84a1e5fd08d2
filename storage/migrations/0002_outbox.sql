-- Changes that a database elsewhere has still to get; empty where this file is the database itself.

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    call_id TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    change TEXT NOT NULL,
    refused TEXT
);

-- What is set aside, because the database refused it, is in neither.
CREATE INDEX outbox_by_call ON outbox (call_id, seq) WHERE refused IS NULL;
CREATE INDEX outbox_by_age ON outbox (at_ns) WHERE refused IS NULL;
