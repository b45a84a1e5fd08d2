-- Lists of calls, a page at a time, by any filter. Of ended calls only, so that no turn writes one
-- of these indexes; calls_open has the others. Columns after call_id are there to be filtered by.

ALTER TABLE calls ADD COLUMN duration_ms INTEGER;

UPDATE calls
SET duration_ms = CAST(ROUND((julianday(ended_at) - julianday(created_at)) * 86400000) AS INTEGER)
WHERE ended_at IS NOT NULL;

CREATE INDEX calls_list ON calls (
    created_at, call_id, agent, outcome, direction, stage, status, transport, language,
    duration_ms, caller_number, line_number
) WHERE ended_at IS NOT NULL;
CREATE INDEX calls_by_duration ON calls (
    duration_ms, call_id, created_at, agent, outcome, direction, stage, status, transport, language,
    caller_number, line_number
) WHERE ended_at IS NOT NULL;
CREATE INDEX calls_by_caller ON calls (caller_number, created_at) WHERE ended_at IS NOT NULL;
CREATE INDEX calls_by_ending ON calls (substr(caller_number, -4), created_at)
WHERE ended_at IS NOT NULL;
