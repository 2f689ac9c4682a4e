SELECT
	(SELECT count(*) FROM conversations.outbox),
	-- What the provider has taken is on its way no more: it says how it went, or its word was lost.
	(SELECT count(*) FROM conversations.conversation_messages WHERE status IN ('queued', 'sending') AND external_id IS NULL),
	(SELECT coalesce(string_agg(status || '=' || n, ' ' ORDER BY status), '')
		FROM (SELECT status, count(*) AS n FROM conversations.conversation_messages GROUP BY status) AS counted)
