-- The oldest facts, which are gone when the transaction commits. They are named by an array: a join, planned once for
-- every length of the outbox, may compare each with each.
DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM outbox WHERE target = 'change' ORDER BY id LIMIT $1))
RETURNING id, target, key, message_id, payload, traceparent, created_at
