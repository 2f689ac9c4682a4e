WITH wanted AS (
	SELECT * FROM jsonb_to_recordset(@rows) AS row (
		id uuid, contact uuid, message uuid, channel text, peer text, name text, status text, subject text, body text,
		unread boolean, starred boolean, assigned_to uuid, labels text[], at timestamptz)
), contact AS (
	INSERT INTO contacts (workspace_id, id, name) SELECT @workspace, contact, name FROM wanted
), conversation AS (
	INSERT INTO conversations (workspace_id, id, channel, channel_account_id, peer, contact_id, status, subject, snippet,
		is_unread, is_starred, assigned_to, labels, last_message_at, last_message_id, last_direction, last_status,
		created_at, updated_at)
	SELECT @workspace, id, channel, CASE channel WHEN 'sms' THEN @sms::uuid ELSE @email::uuid END, peer, contact, status,
		subject, body, unread, starred, assigned_to, labels, at, message, 'inbound', 'received', at, at
	FROM wanted
)
INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction, status,
	status_order, provider, from_address, from_name, to_address, subject, body, created_at, updated_at)
SELECT @workspace, message, id, channel, CASE channel WHEN 'sms' THEN @sms::uuid ELSE @email::uuid END, 'inbound',
	'received', 1100, CASE channel WHEN 'sms' THEN 'one' ELSE 'two' END, peer, name,
	CASE channel WHEN 'sms' THEN '+15002000001' ELSE 'us@example.com' END, subject, body, at, at
FROM wanted
