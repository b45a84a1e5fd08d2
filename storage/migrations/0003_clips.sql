-- What a turn used and cost; clips that any process can make again.

ALTER TABLE turns ADD COLUMN usage TEXT NOT NULL DEFAULT '{}';

CREATE TABLE clips (
    key TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    provider TEXT NOT NULL,
    voice TEXT NOT NULL,
    model TEXT NOT NULL,
    options TEXT NOT NULL,
    audio_format TEXT NOT NULL,
    created_at TEXT NOT NULL
);

CREATE INDEX clips_by_age ON clips (created_at);
