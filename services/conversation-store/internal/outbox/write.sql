INSERT INTO outbox (workspace_id, target, key, payload, traceparent, facts)
SELECT entry.workspace_id, entry.target, entry.key, entry.payload, entry.traceparent, entry.facts
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::integer[])
	WITH ORDINALITY AS entry (workspace_id, target, key, payload, traceparent, facts, position)
ORDER BY entry.position
