-- What calls that have ended took: minutes begun, and the recording that is stored.
INSERT INTO usage_entries AS held (
	workspace_id, message_id, attempt, meter, period, provider, mode, expected, units, occurred_at, settled_at)
SELECT m.workspace_id, m.id, m.attempt, used.meter, to_char(m.created_at AT TIME ZONE w.time_zone, 'YYYY-MM'), m.provider,
	COALESCE(a.mode, m.mode), used.units, used.units, m.created_at, clock_timestamp()
FROM unnest($1::uuid[], $2::uuid[]) AS told (workspace_id, id)
JOIN conversation_messages m ON m.workspace_id = told.workspace_id AND m.id = told.id
JOIN workspaces w ON w.id = m.workspace_id
LEFT JOIN channel_accounts a ON a.workspace_id = m.workspace_id AND a.id = m.channel_account_id
CROSS JOIN LATERAL (VALUES
	('call_minute', CASE WHEN m.call ->> 'state' IN ('completed', 'voicemail')
		THEN (COALESCE((m.call ->> 'duration_seconds')::bigint, 0) + 59) / 60 ELSE 0 END),
	('recording', CASE WHEN m.call -> 'recording' ->> 'blob_key' <> '' THEN 1 ELSE 0 END)
) AS used (meter, units)
WHERE m.call ->> 'state' IN ('completed', 'voicemail', 'busy', 'no_answer', 'failed', 'canceled')
	AND (used.units > 0 OR EXISTS (
		SELECT FROM usage_entries known
		WHERE known.workspace_id = m.workspace_id AND known.message_id = m.id AND known.attempt = m.attempt
			AND known.meter = used.meter))
ON CONFLICT (workspace_id, message_id, attempt, meter) DO UPDATE SET units = EXCLUDED.units, settled_at = EXCLUDED.settled_at
	WHERE held.units IS DISTINCT FROM EXCLUDED.units
