-- 20 workspaces of 500 conversations each, with a message, two events and whatever else there is in each.
WITH workspace AS (
	INSERT INTO workspaces (id, name, slug) SELECT gen_random_uuid(), 'Workspace', 'filled-' || n FROM generate_series(1, 20) AS n
	RETURNING id
), account AS (
	INSERT INTO channel_accounts (workspace_id, id, channel, provider, address, mode, sandbox, is_default)
	SELECT id, gen_random_uuid(), 'sms', 'phone', '+1500' || id, 'platform', true, true FROM workspace
	RETURNING workspace_id, id
), given AS MATERIALIZED (
	SELECT account.workspace_id, account.id AS account, gen_random_uuid() AS id, gen_random_uuid() AS contact,
		gen_random_uuid() AS message, '+1415555' || lpad(n::text, 4, '0') AS peer, now() - n * interval '1 minute' AS at
	FROM account, generate_series(1, 500) AS n
), contact AS (
	INSERT INTO contacts (workspace_id, id, name) SELECT workspace_id, contact, 'Customer' FROM given
), address AS (
	INSERT INTO contact_addresses (workspace_id, channel, address, contact_id) SELECT workspace_id, 'sms', peer, contact FROM given
), conversation AS (
	INSERT INTO conversations (workspace_id, id, channel, channel_account_id, peer, contact_id, snippet, is_unread,
		last_message_at, last_message_id, last_direction, last_status, created_at)
	SELECT workspace_id, id, 'sms', account, peer, contact, 'Good morning', true, at, message, 'outbound', 'sent', at FROM given
), message AS (
	INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction, status,
		status_order, provider, external_id, from_address, to_address, body, created_at)
	SELECT workspace_id, message, id, 'sms', account, 'outbound', 'sent', 1030, 'phone', message::text, '', peer,
		'Good morning', at
	FROM given
), reference AS (
	INSERT INTO email_references (workspace_id, email_message_id, conversation_id, message_id)
	SELECT workspace_id, message || '@example.com', id, message FROM given
), participant AS (
	INSERT INTO conversation_participants (workspace_id, conversation_id, address) SELECT workspace_id, id, peer FROM given
), alias AS (
	INSERT INTO conversation_aliases (workspace_id, id, conversation_id, channel, address)
	SELECT workspace_id, gen_random_uuid(), id, 'sms', peer FROM given
), usage AS (
	INSERT INTO usage_entries (workspace_id, message_id, attempt, meter, period, provider, mode, expected, units, occurred_at)
	SELECT workspace_id, message, 1, 'sms', to_char(at, 'YYYY-MM'), 'phone', 'platform', 1, 1, at FROM given
), consent AS (
	INSERT INTO consents (workspace_id, channel, address, state) SELECT workspace_id, 'sms', peer, 'opted_in' FROM given
)
INSERT INTO message_events (workspace_id, dedupe_key, message_id, channel_account_id, provider, external_id, status, rank,
	occurred_at)
SELECT workspace_id, message || status, message, account, 'phone', message::text, status, rank, at
FROM given, (VALUES ('queued', 10), ('sent', 30)) AS step (status, rank)
