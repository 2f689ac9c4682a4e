INSERT INTO conversations.conversations (
	workspace_id, id, channel, channel_account_id, peer, contact_id, status, snippet, is_unread, is_starred,
	last_message_at, last_message_id, last_direction, last_status, created_at)
SELECT f.workspace_id, f.conversation_id, 'sms', f.channel_account_id, f.peer, f.contact_id,
	CASE WHEN f.n % 4 = 0 THEN 'closed' ELSE 'active' END, left(m.body, 100), f.n % 5 = 0, f.n % 50 = 0,
	m.created_at, m.id, m.direction, m.status, f.began_at
FROM fresh f
CROSS JOIN LATERAL (
	SELECT id, body, direction, status, created_at FROM conversations.conversation_messages held
	WHERE held.workspace_id = f.workspace_id AND held.conversation_id = f.conversation_id
	ORDER BY created_at DESC, id DESC LIMIT 1
) AS m
