INSERT INTO conversations.call_settings
	(workspace_id, ring_mode, ring_seconds, record, announcement, voicemail, voicemail_greeting, language)
SELECT homes.id, s.ring_mode, s.ring_seconds, s.record, s.announcement, s.voicemail, s.voicemail_greeting, s.language
FROM homes CROSS JOIN conversations.call_settings s
WHERE s.workspace_id = $1
