-- The calls of a batch with what all their events tell, oldest first. A retry is another call: of an earlier attempt
-- nothing counts. An event that does not say its attempt belongs where derive.sql puts it.
WITH touched AS (
	SELECT given.workspace_id, given.message_id FROM unnest($1::uuid[], $2::uuid[]) AS given (workspace_id, message_id)
	UNION
	SELECT e.workspace_id, e.message_id
	FROM unnest($1::uuid[], $3::text[]) AS told (workspace_id, external_id)
	JOIN message_events e ON e.workspace_id = told.workspace_id AND e.external_id = told.external_id
	WHERE e.message_id IS NOT NULL
),
dated AS (
	SELECT m.workspace_id, m.id, m.direction, m.call AS held, e.call, e.occurred_at, e.dedupe_key,
		greatest(1, COALESCE(
			NULLIF(e.attempt, 0),
			NULLIF(CASE WHEN e.external_id IS NOT NULL
				THEN max(e.attempt) OVER (PARTITION BY e.workspace_id, e.message_id, e.external_id) END, 0),
			max(e.attempt) OVER (PARTITION BY e.workspace_id, e.message_id ORDER BY e.occurred_at))) AS attempt,
		greatest(1, max(e.attempt) OVER (PARTITION BY e.workspace_id, e.message_id)) AS newest
	FROM touched t
	JOIN conversation_messages m ON m.workspace_id = t.workspace_id AND m.id = t.message_id AND m.channel = 'call'
	JOIN message_events e ON e.workspace_id = m.workspace_id AND e.message_id = m.id
)
SELECT workspace_id, id, direction, COALESCE(held, '{}') AS call,
	jsonb_agg(call ORDER BY occurred_at, dedupe_key) AS news
FROM dated
WHERE attempt = newest AND call IS NOT NULL
GROUP BY workspace_id, id, direction, held
ORDER BY workspace_id, id
