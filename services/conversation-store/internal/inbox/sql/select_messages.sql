SELECT m.workspace_id, m.id, m.conversation_id, m.channel, m.direction, m.status, m.attempt, m.provider, m.external_id,
	m.provider_status, m.failure, m.from_address, m.to_address, m.subject, m.body, m.html, m.sender_id, m.created_at,
	m.updated_at,
	COALESCE((
		SELECT jsonb_agg(jsonb_build_object('id', a.id, 'filename', a.filename, 'content_type', a.content_type,
			'size', a.size, 'blob_key', a.blob_key, 'content_id', a.content_id,
			'missing_reason', a.missing_reason) ORDER BY a.position)
		FROM message_attachments a WHERE a.workspace_id = m.workspace_id AND a.message_id = m.id
	), '[]') AS attachments
