INSERT INTO message_events (workspace_id, dedupe_key, message_id, status, rank, step, attempt, occurred_at)
SELECT workspace_id, 'received/' || id, id, 'received', 100, 'received', 1, occurred_at
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS given (workspace_id, id, occurred_at)
ON CONFLICT (workspace_id, dedupe_key) DO NOTHING
