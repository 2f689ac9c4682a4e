SELECT workspace_id, id, channel, address, state, source, reason, changed_by, changed_at
FROM consents
WHERE (changed_at, id) < (@after_at::timestamptz, @after_id::uuid)
	AND (@channel::text IS NULL OR channel = @channel)
	AND (@state::text IS NULL OR state = @state)
	AND (@address::text IS NULL OR address = @address)
ORDER BY changed_at DESC, id DESC
LIMIT @rows
