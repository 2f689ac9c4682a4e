INSERT INTO raw_payloads (workspace_id, kind, reference, method, url, headers, body, received_at, body_blob_key)
SELECT DISTINCT ON (raw.workspace_id, raw.kind, raw.reference) raw.workspace_id, raw.kind, raw.reference, raw.method,
	raw.url, string_to_array(raw.headers, E'\n'), raw.body, raw.received_at,
	raw.body_blob_key
FROM unnest(
	$1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::timestamptz[], $9::text[]
) AS raw (workspace_id, kind, reference, method, url, headers, body, received_at, body_blob_key)
ORDER BY raw.workspace_id, raw.kind, raw.reference
ON CONFLICT (workspace_id, kind, reference) DO NOTHING
