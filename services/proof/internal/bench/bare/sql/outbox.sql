-- One fact about the message and one about its conversation.
INSERT INTO outbox (workspace_id, target, key, payload)
SELECT given.workspace_id, 'change', 'bench.' || given.id, given.payload
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS given (workspace_id, id, payload)
CROSS JOIN generate_series(1, 2)
