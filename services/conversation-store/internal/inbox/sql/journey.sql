{{- /* Some providers' clocks count whole seconds: such a time is taken for the end of its second, so that it does not
come before what caused it. A message that was opened ten thousand times has as many events: the first ones tell its way. */ -}}
SELECT m.direction, m.channel, m.from_address, m.to_address, m.created_at, w.received_at,
	e.occurred_at, COALESCE(e.step, '') AS step, COALESCE(e.status, '') AS status,
	COALESCE(e.provider, '') AS provider, COALESCE(e.provider_status, '') AS provider_status,
	COALESCE(e.attempt, 0) AS attempt, e.failure,
	e.call,
	COALESCE((SELECT u.name FROM users u WHERE u.id = {{template "id_in.sql" "e.call ->> 'agent_id'"}}), '') AS agent_name,
	e.resolution,
	COALESCE(
		(SELECT u.name FROM users u WHERE u.id = {{template "id_in.sql" "e.resolution ->> 'user_id'"}}),
		(SELECT 'The API key ' || k.name FROM api_keys k WHERE k.workspace_id = e.workspace_id AND k.id::text = e.resolution ->> 'api_key_id'),
		'') AS resolver,
	COALESCE(starts_with(e.dedupe_key, 'accepted/'), false) AS is_accept,
	COALESCE(e.external_id, '') AS external_id,
	COALESCE(starts_with(e.dedupe_key, e.provider || ':listed/'), false) AS is_listed
FROM conversation_messages m
LEFT JOIN message_events e ON e.workspace_id = m.workspace_id AND e.message_id = m.id
LEFT JOIN raw_payloads w ON w.workspace_id = m.workspace_id AND w.kind = 'message' AND w.reference = m.id::text
WHERE m.id = @id
ORDER BY
	e.occurred_at + CASE WHEN e.occurred_at = date_trunc('second', e.occurred_at)
		THEN interval '999999 microseconds' ELSE interval '0' END,
	e.rank, e.recorded_at, e.dedupe_key
LIMIT 1000
