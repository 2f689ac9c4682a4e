SELECT c.workspace_id, c.id, c.channel, c.channel_account_id, c.peer, c.contact_id, p.name AS contact_name, c.status,
	c.subject, c.snippet, c.is_unread, c.is_starred, c.assigned_to, c.labels, c.tags, c.snoozed_until, c.last_message_at,
	c.last_direction, c.last_status, c.created_at, c.updated_at, c.linked_conversation_id, c.has_window, c.window_expires_at, w.state AS consent_state,
	COALESCE(w.source, '') AS consent_source, COALESCE(w.reason, '') AS consent_reason, w.changed_by AS consent_changed_by,
	w.changed_at AS consent_changed_at
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS wanted (workspace_id, id, position)
JOIN conversations c ON c.workspace_id = wanted.workspace_id AND c.id = wanted.id
JOIN contacts p ON p.workspace_id = c.workspace_id AND p.id = c.contact_id
LEFT JOIN consents w ON w.workspace_id = c.workspace_id AND w.channel = c.channel AND w.address = c.peer
ORDER BY wanted.position
