SELECT id, target, key, message_id, payload, traceparent, created_at FROM outbox ORDER BY id LIMIT $1
