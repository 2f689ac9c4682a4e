-- A missed call is what an agent has to see: it makes the conversation unread and opens it again, once.
WITH given AS (
	SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[])
		AS given (workspace_id, id, call, snippet, is_missed)
),
changed AS (
	UPDATE conversation_messages AS m SET call = given.call::jsonb,
		updated_at = greatest(clock_timestamp(), m.updated_at + interval '1 microsecond')
	FROM given
	WHERE m.workspace_id = given.workspace_id AND m.id = given.id AND m.call IS DISTINCT FROM given.call::jsonb
	RETURNING m.workspace_id, m.id, m.conversation_id, given.snippet, given.is_missed
),
missed AS (
	SELECT c.workspace_id, c.conversation_id, bool_or(c.is_missed) AS is_missed, array_agg(c.id) AS ids
	FROM changed c GROUP BY c.workspace_id, c.conversation_id
),
followed AS (
	UPDATE conversations AS c SET
		snippet = COALESCE((SELECT changed.snippet FROM changed
			WHERE changed.workspace_id = c.workspace_id AND changed.id = c.last_message_id), c.snippet),
		is_unread = c.is_unread OR missed.is_missed,
		status = CASE WHEN missed.is_missed AND c.status IN ('archived', 'closed') THEN 'active' ELSE c.status END,
		snoozed_until = CASE WHEN missed.is_missed THEN NULL ELSE c.snoozed_until END,
		updated_at = greatest(clock_timestamp(), c.updated_at + interval '1 microsecond')
	FROM missed
	WHERE c.workspace_id = missed.workspace_id AND c.id = missed.conversation_id
		AND (missed.is_missed OR c.last_message_id = ANY (missed.ids))
	RETURNING c.workspace_id, c.id
)
SELECT 'message' AS entity, workspace_id, id, false AS moved FROM changed
UNION ALL
SELECT 'conversation', workspace_id, id, false FROM followed
