SELECT c.id, c.channel, c.status, c.subject, c.snippet, p.id, p.name, c.peer, c.is_unread, c.is_starred, c.assigned_to,
	c.labels, c.tags, c.last_message_at, c.last_direction, c.last_status, c.snoozed_until, c.has_window,
	c.window_expires_at, c.created_at, c.updated_at
FROM conversations c
JOIN contacts p ON p.workspace_id = c.workspace_id AND p.id = c.contact_id
ORDER BY c.last_message_at DESC, c.id DESC
LIMIT $1
