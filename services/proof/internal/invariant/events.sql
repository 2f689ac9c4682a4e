SELECT workspace_id::text, coalesce(message_id::text, ''), status, step, coalesce(external_id, ''), dedupe_key, rank, attempt,
	recorded_at
FROM conversations.message_events
ORDER BY recorded_at, dedupe_key
