{{- /* Providers' clocks often count whole seconds, so within one second the states' own order decides. */ -}}
SELECT m.direction, m.channel, m.from_address, m.to_address, m.created_at, w.received_at,
	e.occurred_at, COALESCE(e.step, '') AS step, COALESCE(e.status, '') AS status,
	COALESCE(e.provider, '') AS provider, COALESCE(e.provider_status, '') AS provider_status,
	COALESCE(e.attempt, 0) AS attempt, e.failure
FROM conversation_messages m
LEFT JOIN message_events e ON e.workspace_id = m.workspace_id AND e.message_id = m.id
LEFT JOIN raw_payloads w ON w.workspace_id = m.workspace_id AND w.kind = 'message' AND w.reference = m.id::text
WHERE m.id = @id
ORDER BY date_trunc('second', e.occurred_at), e.rank, e.occurred_at, e.recorded_at, e.dedupe_key
