SELECT m.workspace_id::text, m.id::text, m.conversation_id::text, m.channel, m.direction, m.status, m.status_order, m.attempt,
	m.provider, coalesce(m.external_id, ''), m.from_address, m.to_address, m.body || coalesce(m.template::text, ''),
	coalesce(m.failure::text, ''), m.segments, m.automatic, m.created_at,
	coalesce((SELECT jsonb_agg(jsonb_build_object('ID', a.id, 'Filename', a.filename, 'Missing', a.missing_reason) ORDER BY a.position)
		FROM conversations.message_attachments a WHERE a.workspace_id = m.workspace_id AND a.message_id = m.id), '[]')
FROM conversations.conversation_messages m
ORDER BY m.created_at, m.id
