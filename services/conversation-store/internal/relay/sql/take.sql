-- The oldest facts, which are gone when the transaction commits.
DELETE FROM outbox AS taken USING (
	SELECT id FROM outbox WHERE target = 'change' ORDER BY id LIMIT $1
) AS oldest
WHERE taken.id = oldest.id
RETURNING taken.id, taken.target, taken.key, taken.message_id, taken.payload, taken.traceparent, taken.created_at
