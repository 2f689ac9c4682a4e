INSERT INTO call_settings AS held (
	workspace_id, ring_mode, ring_seconds, record, announcement, voicemail, voicemail_greeting, language)
VALUES (@workspace_id, @ring_mode, @ring_seconds, @record, @announcement, @voicemail, @voicemail_greeting, @language)
ON CONFLICT (workspace_id) DO UPDATE SET
	ring_mode = EXCLUDED.ring_mode, ring_seconds = EXCLUDED.ring_seconds, record = EXCLUDED.record,
	announcement = EXCLUDED.announcement, voicemail = EXCLUDED.voicemail,
	voicemail_greeting = EXCLUDED.voicemail_greeting, language = EXCLUDED.language, updated_at = now()
