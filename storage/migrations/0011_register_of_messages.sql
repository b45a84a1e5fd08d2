-- Text messages are looked for by the number of their person and by the carrier's id: without these
-- every message would be read for it. Other entries have neither, and take no room here.
CREATE INDEX register_by_number ON register (kind, json_extract(body, '$."number"'), created_at, key)
WHERE json_extract(body, '$."number"') IS NOT NULL;
CREATE INDEX register_by_carrier_id ON register (kind, json_extract(body, '$."carrier_id"'), created_at, key)
WHERE json_extract(body, '$."carrier_id"') IS NOT NULL;
