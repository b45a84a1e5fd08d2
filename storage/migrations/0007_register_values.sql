-- What entries are looked for by, often and among very many: recordings by their status, the audit
-- log by who and action. Written as `sqlite_register` asks, or the index is not used.

CREATE INDEX register_by_status ON register (kind, json_extract(body, '$."status"'), created_at, key);
CREATE INDEX register_by_who ON register (kind, json_extract(body, '$."who"'), created_at, key);
CREATE INDEX register_by_action ON register (kind, json_extract(body, '$."action"'), created_at, key);
