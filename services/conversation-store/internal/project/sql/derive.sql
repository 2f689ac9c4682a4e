-- The state of a message follows from the set of its events and from nothing else, so that their order of arrival and
-- their repetition do not matter. The highest (attempt, rank) wins; of equal ones the earliest by its own clock, and one
-- that was read in a provider's list after all others: it says less than the webhook.
-- An event that does not say its attempt belongs to that of another event with the same provider's id, else to the
-- newest one begun when it happened.
-- updated_at grows with every change, whatever the clocks of two processes say: readers keep the newest they have seen.
WITH touched AS (
	SELECT given.workspace_id, given.message_id FROM unnest($1::uuid[], $2::uuid[]) AS given (workspace_id, message_id)
	UNION
	SELECT e.workspace_id, e.message_id
	FROM unnest($3::uuid[], $4::text[]) AS told (workspace_id, external_id)
	JOIN message_events e ON e.workspace_id = told.workspace_id AND e.external_id = told.external_id
	WHERE e.message_id IS NOT NULL
),
dated AS (
	SELECT e.workspace_id, e.message_id, e.dedupe_key, e.status, e.rank, e.provider_status, e.failure, e.external_id,
		e.email_message_id, e.segments, e.occurred_at, starts_with(e.dedupe_key, e.provider || ':listed/') AS is_listed,
		greatest(1, COALESCE(
			NULLIF(e.attempt, 0),
			NULLIF(CASE WHEN e.external_id IS NOT NULL
				THEN max(e.attempt) OVER (PARTITION BY e.workspace_id, e.message_id, e.external_id) END, 0),
			max(e.attempt) OVER (PARTITION BY e.workspace_id, e.message_id ORDER BY e.occurred_at))) AS attempt
	FROM touched t JOIN message_events e ON e.workspace_id = t.workspace_id AND e.message_id = t.message_id
),
winner AS (
	SELECT DISTINCT ON (workspace_id, message_id) workspace_id, message_id, status, rank, provider_status, failure, attempt,
		max(external_id) OVER same_attempt AS external_id,
		max(NULLIF(email_message_id, '')) OVER same_attempt AS email_message_id,
		max(segments) OVER same_attempt AS segments
	FROM dated
	WINDOW same_attempt AS (PARTITION BY workspace_id, message_id, attempt)
	ORDER BY workspace_id, message_id, attempt * 1000 + rank DESC, is_listed, occurred_at, dedupe_key
),
due AS (
	SELECT w.workspace_id, w.message_id, w.status, w.attempt * 1000 + w.rank AS status_order, w.attempt, w.provider_status,
		w.failure, COALESCE(w.email_message_id, m.email_message_id) AS email_message_id, w.segments,
		-- Two messages cannot share a provider's id; should a provider say so, the first keeps it.
		CASE WHEN EXISTS (
			SELECT FROM conversation_messages other
			WHERE other.workspace_id = m.workspace_id AND other.channel_account_id = m.channel_account_id
				AND other.external_id = w.external_id AND other.id <> m.id
		) THEN m.external_id ELSE w.external_id END AS external_id,
		m.status <> w.status OR m.attempt <> w.attempt AS moved
	FROM winner w
	JOIN conversation_messages m
		ON m.workspace_id = w.workspace_id AND m.id = w.message_id AND m.direction = 'outbound'
	WHERE w.status <> '' -- a word of the provider that we do not know moves nothing
),
changed AS (
	UPDATE conversation_messages AS m SET status = due.status, status_order = due.status_order, attempt = due.attempt,
		provider_status = due.provider_status, failure = due.failure, external_id = due.external_id,
		email_message_id = due.email_message_id, segments = due.segments,
		updated_at = greatest(clock_timestamp(), m.updated_at + interval '1 microsecond')
	FROM due
	WHERE m.workspace_id = due.workspace_id AND m.id = due.message_id
		AND (m.status, m.status_order, m.attempt, m.provider_status, m.failure, m.external_id, m.email_message_id,
				m.segments)
			IS DISTINCT FROM
			(due.status, due.status_order, due.attempt, due.provider_status, due.failure, due.external_id, due.email_message_id,
				due.segments)
	RETURNING m.workspace_id, m.id, m.conversation_id, m.status, m.email_message_id, due.moved
),
followed AS (
	UPDATE conversations AS c SET last_status = changed.status,
		updated_at = greatest(clock_timestamp(), c.updated_at + interval '1 microsecond')
	FROM changed
	WHERE c.workspace_id = changed.workspace_id AND c.id = changed.conversation_id AND c.last_message_id = changed.id
		AND c.last_status <> changed.status
	RETURNING c.workspace_id, c.id
),
-- What each attempt took, once that is known: what the provider took counts, unless it says that it never sent it. A call
-- takes its minutes, which its end tells.
ended AS (
	SELECT workspace_id, message_id, attempt, max(segments) AS segments,
		bool_or(status IN ('sent', 'delivered', 'opened', 'read', 'clicked', 'undelivered', 'bounced', 'complained'))
			OR bool_or(external_id IS NOT NULL) AND NOT bool_or(status = 'failed') AS has_gone,
		bool_or(status IN ('failed', 'blocked', 'canceled', 'expired')) AS has_failed
	FROM dated GROUP BY workspace_id, message_id, attempt
),
settled AS (
	UPDATE usage_entries AS u SET settled_at = clock_timestamp(),
		units = CASE WHEN NOT ended.has_gone THEN 0 WHEN u.meter = 'sms' AND ended.segments > 0 THEN ended.segments ELSE u.expected END
	FROM ended
	WHERE u.workspace_id = ended.workspace_id AND u.message_id = ended.message_id AND u.attempt = ended.attempt
		AND (ended.has_gone AND u.meter NOT IN ('call_minute', 'recording') OR ended.has_failed AND NOT ended.has_gone)
		AND u.units IS DISTINCT FROM
			CASE WHEN NOT ended.has_gone THEN 0 WHEN u.meter = 'sms' AND ended.segments > 0 THEN ended.segments ELSE u.expected END
),
threaded AS (
	INSERT INTO email_references AS held (workspace_id, email_message_id, conversation_id, message_id)
	SELECT DISTINCT ON (workspace_id, email_message_id) workspace_id, email_message_id, conversation_id, id
	FROM changed WHERE email_message_id <> ''
	ORDER BY workspace_id, email_message_id, id
	ON CONFLICT (workspace_id, email_message_id) DO UPDATE SET
		conversation_id = EXCLUDED.conversation_id, message_id = EXCLUDED.message_id, is_seen = true
		WHERE NOT held.is_seen
)
SELECT 'message' AS entity, workspace_id, id, moved FROM changed
UNION ALL
SELECT 'conversation', workspace_id, id, true FROM followed
