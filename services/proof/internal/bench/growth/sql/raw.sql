INSERT INTO conversations.raw_payloads (workspace_id, kind, reference, method, url, body, received_at)
SELECT m.workspace_id, 'message', m.id::text, 'POST', 'https://example.com/api/webhooks', convert_to(repeat(m.body, 2), 'UTF8'),
	m.created_at
FROM fresh f
JOIN conversations.conversation_messages m ON m.workspace_id = f.workspace_id AND m.conversation_id = f.conversation_id
WHERE m.direction = 'inbound'
