-- Leads of campaigns, attempts on them, what the gate refused; numbers that are not rung; what
-- customers' addresses are to be told. Millions of rows: moments are microseconds since 1970, a
-- fifth of their text, because they stand in most indexes.

CREATE TABLE leads (
    place INTEGER PRIMARY KEY,
    lead_id TEXT NOT NULL UNIQUE,
    campaign_id TEXT NOT NULL,
    number TEXT NOT NULL,
    variables TEXT NOT NULL,
    zones TEXT NOT NULL,
    country TEXT NOT NULL,
    subdivision TEXT NOT NULL,
    line INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    result TEXT NOT NULL,
    reason TEXT NOT NULL,
    consent_basis TEXT NOT NULL,
    consent_at INTEGER,
    lease TEXT NOT NULL,
    lease_until INTEGER,
    call_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (number, campaign_id)
);

-- Pages and counts, by any filter: one run in the order of the list for each status, result and reason.
CREATE INDEX leads_list ON leads (campaign_id, status, result, reason, created_at, lead_id);
CREATE INDEX leads_due ON leads (campaign_id, due_at) WHERE status = 'waiting';
CREATE INDEX leads_by_zones ON leads (campaign_id, zones, country, due_at) WHERE status = 'waiting';
-- Nobody is rung by two campaigns at once.
CREATE UNIQUE INDEX leads_ringing ON leads (number) WHERE status = 'ringing';
CREATE INDEX leads_leased ON leads (status, lease_until, campaign_id) WHERE status = 'ringing';

CREATE TABLE attempts (
    call_id TEXT NOT NULL PRIMARY KEY,
    campaign_id TEXT NOT NULL,
    lead_id TEXT NOT NULL,
    number TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    local_hour INTEGER NOT NULL,
    carrier_id TEXT NOT NULL,
    ended_at INTEGER,
    result TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    spoke INTEGER NOT NULL,
    qualified INTEGER NOT NULL,
    seconds REAL NOT NULL,
    error TEXT NOT NULL
);

CREATE INDEX attempts_of_lead ON attempts (lead_id, started_at);
CREATE INDEX attempts_on_number ON attempts (number, started_at, result);
CREATE INDEX attempts_counted ON attempts (
    campaign_id, attempt, local_hour, result, answered_by, spoke, qualified, seconds
);

CREATE TABLE refusals (
    place INTEGER PRIMARY KEY,
    campaign_id TEXT NOT NULL,
    lead_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    until INTEGER,
    leads INTEGER NOT NULL,
    zones TEXT NOT NULL,
    detail TEXT NOT NULL,
    country TEXT NOT NULL
);

CREATE INDEX refusals_by_age ON refusals (campaign_id, at);
CREATE INDEX refusals_of_lead ON refusals (lead_id, at) WHERE lead_id <> '';

CREATE TABLE do_not_call (
    number TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    words TEXT NOT NULL,
    who TEXT NOT NULL,
    call_id TEXT NOT NULL,
    PRIMARY KEY (number, campaign_id)
) WITHOUT ROWID;

-- Pages, one run for each source.
CREATE INDEX do_not_call_by_source ON do_not_call (source, at, number, campaign_id);
CREATE INDEX do_not_call_of_campaign ON do_not_call (campaign_id, source, at, number);

-- free_at: when somebody may take it, which is when it is due, or when whoever took it has had it
-- for too long.
CREATE TABLE deliveries (
    delivery_id TEXT NOT NULL PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    tries INTEGER NOT NULL,
    answer INTEGER NOT NULL,
    error TEXT NOT NULL,
    tried_at INTEGER,
    lease_until INTEGER,
    free_at INTEGER NOT NULL,
    call_id TEXT NOT NULL
);

CREATE INDEX deliveries_due ON deliveries (free_at) WHERE status = 'waiting';
CREATE INDEX deliveries_by_status ON deliveries (status, created_at, delivery_id, event);
CREATE INDEX deliveries_of_endpoint ON deliveries (
    endpoint_id, status, created_at, delivery_id, event
);
CREATE INDEX deliveries_over ON deliveries (tried_at) WHERE status <> 'waiting';
CREATE INDEX deliveries_of_call ON deliveries (call_id) WHERE call_id <> '';

-- Whom a call was for; "" when it is of no campaign.
ALTER TABLE calls ADD COLUMN campaign_id TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN lead_id TEXT NOT NULL DEFAULT '';

-- As calls_list and calls_by_duration, for the calls of one campaign.
CREATE INDEX calls_of_campaign ON calls (
    campaign_id, created_at, call_id, agent, outcome, direction, stage, status, transport, language,
    duration_ms, caller_number, line_number
) WHERE ended_at IS NOT NULL AND campaign_id <> '';
CREATE INDEX calls_of_campaign_by_duration ON calls (
    campaign_id, duration_ms, call_id, created_at, agent, outcome, direction, stage, status,
    transport, language, caller_number, line_number
) WHERE ended_at IS NOT NULL AND campaign_id <> '';
