INSERT INTO sessions (workspace_id, id, user_id, token_hash, expires_at)
SELECT workspace_id, gen_random_uuid(), user_id, sha256(workspace_id::text::bytea), now()
FROM memberships WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO api_keys (workspace_id, id, name, prefix, key_hash, role)
VALUES (current_setting('test.workspace')::uuid, gen_random_uuid(), 'Key', 'ck_1',
	sha256(current_setting('test.workspace')::bytea), 'agent');

INSERT INTO routes (workspace_id, provider, address)
SELECT workspace_id, provider, address FROM channel_accounts WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO workspace_communication_settings (workspace_id, channel, mode, provider)
VALUES (current_setting('test.workspace')::uuid, 'sms', 'platform', 'phone');

INSERT INTO contacts (workspace_id, id, name)
VALUES (current_setting('test.workspace')::uuid, gen_random_uuid(), 'Contact Name');

INSERT INTO contact_addresses (workspace_id, channel, address, contact_id)
SELECT workspace_id, 'sms', '+14155550123', id FROM contacts WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO consents (workspace_id, channel, address, state)
VALUES (current_setting('test.workspace')::uuid, 'sms', '+14155550123', 'opted_out');

INSERT INTO conversations (workspace_id, id, channel, channel_account_id, peer, contact_id, last_message_at,
	last_message_id, last_direction, last_status)
SELECT c.workspace_id, gen_random_uuid(), 'sms', a.id, '+14155550123', c.id, now(), gen_random_uuid(), 'inbound', 'received'
FROM contacts c JOIN channel_accounts a ON a.workspace_id = c.workspace_id AND a.channel = 'sms'
WHERE c.workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction, status,
	status_order, provider, from_address, to_address, body, created_at)
SELECT workspace_id, last_message_id, id, channel, channel_account_id, 'inbound', 'received', 1100, 'phone', peer, 'us',
	'a needle in here', now()
FROM conversations WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO message_attachments (workspace_id, message_id, position, id)
SELECT workspace_id, id, 0, 'file' FROM conversation_messages WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO message_events (workspace_id, dedupe_key, message_id, status, rank, occurred_at)
SELECT workspace_id, 'key', id, 'received', 100, now()
FROM conversation_messages WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO raw_payloads (workspace_id, kind, reference, received_at)
VALUES (current_setting('test.workspace')::uuid, 'message', 'reference', now());

INSERT INTO email_references (workspace_id, email_message_id, conversation_id, message_id)
SELECT workspace_id, 'id@example.com', conversation_id, id
FROM conversation_messages WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO conversation_participants (workspace_id, conversation_id, address)
SELECT workspace_id, id, peer FROM conversations WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO conversation_aliases (workspace_id, id, conversation_id, channel, address)
SELECT workspace_id, gen_random_uuid(), id, channel, 'alias' FROM conversations
WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO call_settings (workspace_id, ring_mode, ring_seconds, record, announcement, voicemail, voicemail_greeting, language)
VALUES (current_setting('test.workspace')::uuid, 'parallel', 20, false, '', true, '', '');

INSERT INTO call_agents (workspace_id, position, user_id, name, phone)
SELECT workspace_id, 0, user_id, 'Agent', '+14155550124' FROM memberships
WHERE workspace_id = current_setting('test.workspace')::uuid;

INSERT INTO outbox (workspace_id, target, key, payload)
VALUES (current_setting('test.workspace')::uuid, 'change', 'subject', 'payload');

INSERT INTO credentials (workspace_id, id, provider, provider_account, fields, token, state)
VALUES (current_setting('test.workspace')::uuid, gen_random_uuid(), 'phones', 'p1', '', gen_random_uuid(), 'tested');

INSERT INTO audit_entries (workspace_id, id, actor_kind, actor_id, action, subject)
VALUES (current_setting('test.workspace')::uuid, gen_random_uuid(), 'session', 'user', 'credential.replaced', 'phones');

INSERT INTO usage_entries (workspace_id, message_id, attempt, meter, period, provider, mode, expected, occurred_at)
VALUES (current_setting('test.workspace')::uuid, gen_random_uuid(), 1, 'sms', '2026-11', 'phone', 'platform', 1, now());

INSERT INTO terms_history (workspace_id, terms) VALUES (current_setting('test.workspace')::uuid, '{}');

INSERT INTO invoices (workspace_id, id, period, plan_id, plan_name, currency, lines, total_minor, state)
VALUES (current_setting('test.workspace')::uuid, gen_random_uuid(), '2026-11', 'pro', 'Pro', 'USD', '[]', 4900, 'not_collected');

INSERT INTO payment_accounts (workspace_id, customer_id)
VALUES (current_setting('test.workspace')::uuid, 'cus_' || current_setting('test.workspace'));

INSERT INTO provider_prices (provider, meter, currency, unit_cost_micros) VALUES ('phone', 'sms', 'USD', 1) ON CONFLICT DO NOTHING;
