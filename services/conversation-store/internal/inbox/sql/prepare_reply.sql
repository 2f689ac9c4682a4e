{{- /* What a program wrote, such as an absence note, is answered by nobody: the newest message of a person counts, else the
newest of all. Whom it went to takes part, whether its Message-ID is known by now or not. */ -}}
SELECT c.channel, c.channel_account_id::text, c.peer, c.subject,
	COALESCE(m.email_message_id, '') AS in_reply_to, COALESCE(m.email_references, '{}') AS email_references,
	COALESCE(n.parties, '{}') AS parties,
	COALESCE((SELECT array_agg(a.address) FROM channel_accounts a
		WHERE a.workspace_id = c.workspace_id AND a.channel = 'email'), '{}') AS own
FROM {{template "conversation_of.sql" -}}
CROSS JOIN LATERAL (SELECT conversations.* FROM conversations WHERE conversations.id = wanted.id LIMIT 1) AS c
LEFT JOIN LATERAL (
	(SELECT 0 AS place, email_message_id, email_references
	FROM conversation_messages
	WHERE workspace_id = c.workspace_id AND conversation_id = c.id AND email_message_id <> '' AND NOT automatic
	ORDER BY created_at DESC, id DESC
	LIMIT 1)
	UNION ALL
	(SELECT 1, email_message_id, email_references
	FROM conversation_messages
	WHERE workspace_id = c.workspace_id AND conversation_id = c.id AND email_message_id <> ''
	ORDER BY created_at DESC, id DESC
	LIMIT 1)
	ORDER BY place
	LIMIT 1
) m ON true
LEFT JOIN LATERAL (
	SELECT ARRAY[from_address, to_address] || cc AS parties
	FROM conversation_messages
	WHERE workspace_id = c.workspace_id AND conversation_id = c.id AND c.channel = 'email' AND NOT automatic
	ORDER BY created_at DESC, id DESC
	LIMIT 1
) n ON true
