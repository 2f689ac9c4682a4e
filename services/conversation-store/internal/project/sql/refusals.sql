-- What the messages of a batch say of their recipients: that the address does not take messages, that somebody
-- complained, or that the provider holds messages back, which it knows by a code of its own. Of a message to several nobody knows whom the news is about: the
-- provider tells that by a consent.
WITH touched AS (
	SELECT given.workspace_id, given.message_id FROM unnest($1::uuid[], $2::uuid[]) AS given (workspace_id, message_id)
	UNION
	SELECT e.workspace_id, e.message_id
	FROM unnest($1::uuid[], $3::text[]) AS told (workspace_id, external_id)
	JOIN message_events e ON e.workspace_id = told.workspace_id AND e.external_id = told.external_id
	WHERE e.message_id IS NOT NULL
)
SELECT m.workspace_id, m.id, m.channel, m.to_address, e.occurred_at, COALESCE(e.failure ->> 'message', '') AS words,
	CASE e.status WHEN 'complained' THEN 'complaint' WHEN 'bounced' THEN 'bounce' ELSE 'provider' END AS source
FROM touched t
JOIN message_events e ON e.workspace_id = t.workspace_id AND e.message_id = t.message_id
JOIN conversation_messages m ON m.workspace_id = e.workspace_id AND m.id = e.message_id
WHERE m.direction = 'outbound' AND m.cc = '{}' AND m.bcc = '{}'
	AND (e.status = 'complained'
		OR e.status = 'bounced' AND NOT COALESCE((e.failure ->> 'retryable')::boolean, false)
		OR e.status IN ('failed', 'undelivered') AND e.failure ->> 'code' IN ('opted_out', 'suppressed')
			AND e.failure ->> 'provider_code' <> '')
ORDER BY m.workspace_id, e.occurred_at
