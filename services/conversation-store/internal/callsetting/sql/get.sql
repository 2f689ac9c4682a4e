SELECT s.workspace_id, s.ring_mode, s.ring_seconds, s.record, s.announcement, s.voicemail, s.voicemail_greeting, s.language,
	COALESCE((
		SELECT jsonb_agg(jsonb_build_object('user_id', a.user_id, 'name', a.name, 'phone', a.phone) ORDER BY a.position)
		FROM call_agents a WHERE a.workspace_id = s.workspace_id
	), '[]') AS agents
FROM call_settings s
