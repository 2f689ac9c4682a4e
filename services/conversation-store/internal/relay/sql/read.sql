-- Bucket entries apart from facts: what cannot be written of one does not hold back the other.
SELECT id, target, key, message_id, payload, traceparent, created_at FROM outbox
WHERE target <> 'change' ORDER BY id LIMIT $1
