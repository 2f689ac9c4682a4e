SELECT c.workspace_id, c.id, c.channel, c.channel_account_id, c.peer, c.contact_id, p.name AS contact_name, c.status,
	c.subject, c.snippet, c.is_unread, c.is_starred, c.assigned_to, c.labels, c.tags, c.snoozed_until, c.last_message_at,
	c.last_direction, c.last_status, c.created_at, c.updated_at
