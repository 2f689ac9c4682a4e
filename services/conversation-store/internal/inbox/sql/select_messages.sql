SELECT m.workspace_id, m.id, m.conversation_id, m.channel, m.direction, m.status, m.attempt, m.provider, m.external_id,
	m.provider_status, m.failure, m.from_address, m.to_address, m.subject, m.body, m.html, m.sender_id, m.created_at,
	m.updated_at, m.from_name, m.cc, m.bcc, m.automatic, m.reply_body, m.segments, m.template, m.call,
	(SELECT answered.id FROM conversation_messages answered
		WHERE m.reply_to_external_id <> '' AND answered.workspace_id = m.workspace_id
			AND answered.channel_account_id = m.channel_account_id
			AND answered.external_id = m.reply_to_external_id) AS reply_to_id,
	COALESCE((
		SELECT jsonb_agg(jsonb_build_object('id', a.id, 'filename', a.filename, 'content_type', a.content_type,
			'size', a.size, 'blob_key', a.blob_key, 'content_id', a.content_id,
			'missing_reason', a.missing_reason) ORDER BY a.position)
		FROM message_attachments a WHERE a.workspace_id = m.workspace_id AND a.message_id = m.id
	), '[]') AS attachments
