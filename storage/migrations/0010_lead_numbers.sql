-- Numbers of leads in a small table of their own. An index of them over all leads was written all
-- over for each file, whose numbers are in no order: a page of 4 KB for every lead, two thirds of
-- what adding one cost. Here they are written in their own order, those of many leads at a time,
-- before the leads (storage/sqlite_lead_adding.py).

CREATE TABLE lead_campaigns (
    campaign INTEGER PRIMARY KEY,
    campaign_id TEXT NOT NULL UNIQUE
);
INSERT INTO lead_campaigns (campaign_id) SELECT DISTINCT campaign_id FROM leads;

-- number: the digits as an integer, or the text where it is no E.164 number (a third of the size).
-- place: of the lead; none stands there yet, or ever, when whoever added it died.
CREATE TABLE lead_numbers (
    campaign INTEGER NOT NULL,
    number NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (campaign, number)
) WITHOUT ROWID;
INSERT INTO lead_numbers
SELECT
    campaign,
    CASE WHEN number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*' AND length(number) < 20
    THEN CAST(substr(number, 2) AS INTEGER) ELSE number END AS number,
    place
FROM leads JOIN lead_campaigns USING (campaign_id) ORDER BY 1, 2;

-- free: the first place that no lead has, or ever had. changes: counted up whenever a number is
-- deleted or gets another place.
CREATE TABLE lead_places (
    one INTEGER PRIMARY KEY,
    free INTEGER NOT NULL,
    changes INTEGER NOT NULL
);
INSERT INTO lead_places VALUES (1, (SELECT coalesce(max(place), 0) + 1 FROM leads), 0);

CREATE TABLE leads_anew (
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
    version INTEGER NOT NULL
);
INSERT INTO leads_anew SELECT * FROM leads;
DROP TABLE leads;
ALTER TABLE leads_anew RENAME TO leads;

CREATE INDEX leads_list ON leads (campaign_id, status, result, reason, created_at, lead_id);
CREATE INDEX leads_due ON leads (campaign_id, due_at) WHERE status = 'waiting';
CREATE INDEX leads_by_zones ON leads (campaign_id, zones, country, due_at) WHERE status = 'waiting';
CREATE UNIQUE INDEX leads_ringing ON leads (number) WHERE status = 'ringing';
CREATE INDEX leads_leased ON leads (status, lease_until, campaign_id) WHERE status = 'ringing';
