-- Ten messages in each conversation, an hour between two, from the customer and to the customer in turn. Ids of what
-- came are random and those of what was sent lead with the time, as the services make them. A text has twelve words of a
-- language of 5,000 in which some are frequent; the first message of a conversation has a word of its own besides.
INSERT INTO conversations.conversation_messages (
	workspace_id, id, conversation_id, channel, channel_account_id, direction, status, status_order, provider, external_id,
	from_address, to_address, body, created_at)
SELECT f.workspace_id,
	CASE WHEN m % 2 = 1 THEN key::uuid
		ELSE (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(key, 1, 3) || '8' || substr(key, 4, 15))::uuid
	END,
	f.conversation_id, 'sms', f.channel_account_id,
	CASE WHEN m % 2 = 1 THEN 'inbound' ELSE 'outbound' END,
	CASE WHEN m % 2 = 1 THEN 'received' ELSE 'delivered' END,
	CASE WHEN m % 2 = 1 THEN 0 ELSE 1040 END,
	f.provider, 'EX' || key,
	CASE WHEN m % 2 = 1 THEN f.peer ELSE f.ours END, CASE WHEN m % 2 = 1 THEN f.ours ELSE f.peer END,
	words.text || CASE WHEN m = 1 THEN ' ref' || f.n ELSE '' END,
	at
FROM fresh f CROSS JOIN generate_series(1, 10) AS m
CROSS JOIN LATERAL (SELECT md5(f.conversation_id::text || m) AS key, f.began_at + m * interval '1 hour' AS at) AS own
CROSS JOIN LATERAL (
	SELECT string_agg('word' || floor(5000 * power(random(), 2))::int, ' ') AS text FROM generate_series(1, 12 + 0 * m + 0 * f.n)
) AS words
