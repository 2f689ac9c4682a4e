-- Messages that are not there yet, and only those carried into their conversations: the second run finds none.
-- The newest message is the one of the highest (created_at, id), whatever order they come in.
WITH input AS (
	SELECT * FROM unnest(
		$1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::integer[], $9::integer[],
		$10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
		$19::text[], $20::text[], $21::text[], $22::text[], $23::uuid[], $24::timestamptz[], $25::text[], $26::text[],
		$27::text[], $28::text[], $29::boolean[], $30::boolean[], $31::text[], $32::text[], $33::text[], $34::text[],
		$35::uuid[], $36::boolean[], $37::timestamptz[]
	) AS given (
		workspace_id, id, conversation_id, channel, channel_account_id, direction, status, status_order, attempt,
		provider, mode, external_id, from_address, from_name, to_address, subject, body, html,
		reply_to, email_message_id, in_reply_to, email_references, sender_id, created_at, peer, snippet,
		cc, bcc, automatic, answers_keyword, reply_body, template, call_request, reply_to_external_id,
		linked_conversation_id, has_window, window_expires_at
	)
),
created AS (
	INSERT INTO conversation_messages (
		workspace_id, id, conversation_id, channel, channel_account_id, direction, status, status_order, attempt,
		provider, mode, external_id, from_address, from_name, to_address, subject, body, html,
		reply_to, email_message_id, in_reply_to, email_references, sender_id, created_at,
		cc, bcc, automatic, answers_keyword, reply_body, template, call_request, reply_to_external_id)
	SELECT workspace_id, id, conversation_id, channel, channel_account_id, direction, status, status_order, attempt,
		provider, mode, external_id, from_address, from_name, to_address, subject, body, html,
		reply_to, email_message_id, in_reply_to, string_to_array(email_references, ' '), sender_id, created_at,
		string_to_array(cc, E'\n'), string_to_array(bcc, E'\n'), automatic, answers_keyword, reply_body, template::jsonb,
		call_request::jsonb, reply_to_external_id
	FROM input
	ON CONFLICT (workspace_id, id) DO NOTHING
	RETURNING workspace_id, id, updated_at
),
fresh AS (
	-- One delivery of a message twice in a batch is one row of created and two of input. What a program wrote does not
	-- stir a conversation: nobody has to look. Neither does a call, which somebody may be answering just now.
	SELECT DISTINCT ON (input.workspace_id, input.id) input.*,
		input.direction = 'inbound' AS heard,
		input.direction = 'inbound' AND NOT input.automatic AND input.channel <> 'call' AS stirs
	FROM created JOIN input ON input.workspace_id = created.workspace_id AND input.id = created.id
	ORDER BY input.workspace_id, input.id
),
newest AS (
	SELECT DISTINCT ON (workspace_id, conversation_id) *,
		bool_or(stirs) OVER thread AS stirred,
		bool_or(heard AND NOT automatic) OVER thread AS wakes,
		first_value(heard AND channel <> 'call') OVER history AS begun_by_customer,
		first_value(peer) OVER history AS first_peer,
		first_value(linked_conversation_id) OVER history AS link,
		max(window_expires_at) OVER thread AS window_end,
		min(created_at) OVER thread AS began_at
	FROM fresh
	WINDOW thread AS (PARTITION BY workspace_id, conversation_id),
		history AS (PARTITION BY workspace_id, conversation_id ORDER BY created_at, id)
	ORDER BY workspace_id, conversation_id, created_at DESC, id DESC
),
-- Nobody else changes these conversations meanwhile: whoever does holds the lane of their workspace.
carried AS (
	INSERT INTO conversations AS held (
		workspace_id, id, channel, channel_account_id, peer, contact_id, subject, snippet, is_unread, status, snoozed_until,
		last_message_at, last_message_id, last_direction, last_status, created_at,
		linked_conversation_id, has_window, window_expires_at)
	SELECT n.workspace_id, n.conversation_id, n.channel, n.channel_account_id, n.first_peer, a.contact_id, n.subject, n.snippet,
		n.stirred OR COALESCE(c.is_unread, n.begun_by_customer),
		CASE WHEN n.wakes AND c.status IN ('archived', 'closed') THEN 'active' ELSE COALESCE(c.status, 'active') END,
		CASE WHEN NOT n.wakes THEN c.snoozed_until END,
		n.created_at, n.id, n.direction, n.status, n.began_at, n.link, n.has_window, n.window_end
	FROM newest n
	JOIN contact_addresses a ON a.workspace_id = n.workspace_id AND a.channel = n.channel AND a.address = n.first_peer
	LEFT JOIN conversations c ON c.workspace_id = n.workspace_id AND c.id = n.conversation_id
	ORDER BY n.workspace_id, n.conversation_id
	ON CONFLICT (workspace_id, id) DO UPDATE SET
		subject = CASE WHEN held.subject = '' THEN EXCLUDED.subject ELSE held.subject END,
		is_unread = EXCLUDED.is_unread,
		status = EXCLUDED.status,
		snoozed_until = EXCLUDED.snoozed_until,
		has_window = EXCLUDED.has_window,
		window_expires_at = greatest(held.window_expires_at, EXCLUDED.window_expires_at),
		snippet = CASE WHEN (EXCLUDED.last_message_at, EXCLUDED.last_message_id) > (held.last_message_at, held.last_message_id) THEN EXCLUDED.snippet ELSE held.snippet END,
		last_direction = CASE WHEN (EXCLUDED.last_message_at, EXCLUDED.last_message_id) > (held.last_message_at, held.last_message_id) THEN EXCLUDED.last_direction ELSE held.last_direction END,
		last_status = CASE WHEN (EXCLUDED.last_message_at, EXCLUDED.last_message_id) > (held.last_message_at, held.last_message_id) THEN EXCLUDED.last_status ELSE held.last_status END,
		last_message_id = CASE WHEN (EXCLUDED.last_message_at, EXCLUDED.last_message_id) > (held.last_message_at, held.last_message_id) THEN EXCLUDED.last_message_id ELSE held.last_message_id END,
		last_message_at = greatest(held.last_message_at, EXCLUDED.last_message_at),
		updated_at = greatest(clock_timestamp(), held.updated_at + interval '1 microsecond')
	RETURNING workspace_id, id, xmax = 0 AS is_new
)
SELECT 'message' AS entity, workspace_id, id, true AS is_new, updated_at FROM created
UNION ALL
SELECT 'conversation', workspace_id, id, is_new, NULL FROM carried
