SELECT id, target, key, message_id, payload, traceparent FROM outbox ORDER BY id LIMIT $1
