INSERT INTO call_settings (
	workspace_id, ring_mode, ring_seconds, record, announcement, voicemail, voicemail_greeting, language)
VALUES (@workspace_id, @ring_mode, @ring_seconds, @record, @announcement, @voicemail, @voicemail_greeting, @language)
ON CONFLICT (workspace_id) DO NOTHING
