-- One fact about each message and one about its conversation, a hundred to a row.
INSERT INTO outbox (workspace_id, target, key, payload, facts)
SELECT (array_agg(given.workspace_id))[1], 'change', '', string_agg(given.payload, ''), count(*)
FROM unnest($1::uuid[], $2::bytea[]) WITH ORDINALITY AS given (workspace_id, payload, position)
CROSS JOIN generate_series(1, 2)
GROUP BY (given.position - 1) / 50
