INSERT INTO outbox (workspace_id, target, key, payload, traceparent)
SELECT entry.workspace_id, entry.target, entry.key, entry.payload, entry.traceparent
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[])
	WITH ORDINALITY AS entry (workspace_id, target, key, payload, traceparent, position)
ORDER BY entry.position
