SELECT m.workspace_id::text, m.id::text, m.conversation_id::text, m.channel, m.channel_account_id::text, m.direction,
	m.status, m.attempt, m.failure, a.provider, a.mode, m.from_address, m.from_name, m.to_address, m.subject, m.body,
	m.html, m.reply_to, m.in_reply_to, m.email_references, m.sender_id,
	COALESCE((
		SELECT jsonb_agg(jsonb_build_object('id', f.id, 'filename', f.filename, 'content_type', f.content_type,
			'size', f.size, 'blob_key', f.blob_key, 'content_id', f.content_id,
			'missing_reason', f.missing_reason) ORDER BY f.position)
		FROM message_attachments f WHERE f.workspace_id = m.workspace_id AND f.message_id = m.id
	), '[]') AS attachments,
	m.cc, m.bcc, m.template, m.call_request, m.automatic, m.answers_keyword,
	EXISTS (
		SELECT FROM consents w
		WHERE w.workspace_id = m.workspace_id AND w.channel = m.channel AND w.address = m.to_address
			AND w.state = 'opted_out'
	) AS is_unwanted,
	COALESCE((
		SELECT c.window_expires_at > now() FROM conversations c
		WHERE c.workspace_id = m.workspace_id AND c.id = m.conversation_id
	), false) AS is_open
FROM conversation_messages m
JOIN channel_accounts a ON a.workspace_id = m.workspace_id AND a.id = m.channel_account_id
WHERE m.id = @id
