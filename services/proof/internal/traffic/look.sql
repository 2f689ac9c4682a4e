SELECT
	(SELECT count(*) FROM conversations.outbox),
	(SELECT count(*) FROM conversations.conversation_messages WHERE status IN ('queued', 'sending')),
	(SELECT coalesce(string_agg(status || '=' || n, ' ' ORDER BY status), '')
		FROM (SELECT status, count(*) AS n FROM conversations.conversation_messages GROUP BY status) AS counted)
