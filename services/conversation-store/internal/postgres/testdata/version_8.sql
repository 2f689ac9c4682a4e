INSERT INTO workspaces (id, name, slug) VALUES ('00000000-0000-4000-8000-000000000001', 'Workspace', 'workspace');

INSERT INTO channel_accounts (workspace_id, id, channel, provider, address, mode)
VALUES ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002', 'email', 'mail', 'us@example.com',
	'platform');

INSERT INTO routes (workspace_id, provider, address, channel_account_id)
SELECT workspace_id, provider, address, id FROM channel_accounts;

INSERT INTO contacts (workspace_id, id) SELECT id, '00000000-0000-4000-8000-000000000003' FROM workspaces;

INSERT INTO consents (workspace_id, channel, address, state, updated_at)
SELECT id, 'email', 'ann@example.com', 'opted_out', '2026-05-06 07:08:09Z' FROM workspaces;

INSERT INTO conversations (workspace_id, id, channel, channel_account_id, peer, contact_id, last_message_at,
	last_message_id, last_direction, last_status)
SELECT workspace_id, '00000000-0000-4000-8000-000000000004', 'email', '00000000-0000-4000-8000-000000000002',
	'ann@example.com', id, now(), '00000000-0000-4000-8000-000000000005', 'inbound', 'received'
FROM contacts;

INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction, status,
	status_order, provider, from_address, to_address, email_message_id, created_at)
SELECT workspace_id, last_message_id, id, channel, channel_account_id, 'inbound', 'received', 1100, 'mail', peer,
	'us@example.com', 'one@example.com', now()
FROM conversations;

INSERT INTO email_references (workspace_id, email_message_id, conversation_id, message_id)
SELECT workspace_id, email_message_id, conversation_id, id FROM conversation_messages;
