-- Messages that are not there yet, and only those carried into their conversations.
WITH input AS (
	SELECT * FROM unnest(
		$1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
		$10::timestamptz[]
	) AS given (
		workspace_id, id, conversation_id, channel_account_id, contact_id, external_id, from_address, to_address, body,
		created_at)
),
created AS (
	INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction, status,
		status_order, provider, external_id, from_address, to_address, body, created_at)
	SELECT workspace_id, id, conversation_id, 'sms', channel_account_id, 'inbound', 'received', 1100, 'bare', external_id,
		from_address, to_address, body, created_at
	FROM input
	ON CONFLICT (workspace_id, id) DO NOTHING
	RETURNING workspace_id, id
),
newest AS (
	SELECT DISTINCT ON (input.workspace_id, input.conversation_id) input.*
	FROM created JOIN input ON input.workspace_id = created.workspace_id AND input.id = created.id
	ORDER BY input.workspace_id, input.conversation_id, input.created_at DESC, input.id DESC
)
INSERT INTO conversations AS held (workspace_id, id, channel, channel_account_id, peer, contact_id, snippet, is_unread,
	last_message_at, last_message_id, last_direction, last_status, created_at)
SELECT workspace_id, conversation_id, 'sms', channel_account_id, from_address, contact_id, body, true,
	created_at, id, 'inbound', 'received', created_at
FROM newest
ORDER BY workspace_id, conversation_id
ON CONFLICT (workspace_id, id) DO UPDATE SET snippet = EXCLUDED.snippet, is_unread = true,
	last_message_at = EXCLUDED.last_message_at, last_message_id = EXCLUDED.last_message_id,
	last_direction = EXCLUDED.last_direction, last_status = EXCLUDED.last_status, updated_at = now()
