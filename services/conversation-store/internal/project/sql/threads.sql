-- What is known of the conversations e-mails may belong to: those a reply token names, and those of a Message-ID; and
-- whether the sender of the e-mail was seen there.
WITH known AS (
	SELECT c.workspace_id, '' AS email_message_id, c.id AS conversation_id, true AS is_seen, token.sender
	FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS token (workspace_id, conversation_id, sender)
	JOIN conversations c ON c.workspace_id = token.workspace_id AND c.id = token.conversation_id AND c.channel = 'email'
	UNION
	SELECT r.workspace_id, r.email_message_id, r.conversation_id, r.is_seen, named.sender
	FROM unnest($4::uuid[], $5::text[], $6::text[]) AS named (workspace_id, email_message_id, sender)
	JOIN email_references r ON r.workspace_id = named.workspace_id AND r.email_message_id = named.email_message_id
)
SELECT known.workspace_id, known.email_message_id, known.conversation_id, known.is_seen, known.sender,
	EXISTS (
		SELECT FROM conversation_participants p
		WHERE p.workspace_id = known.workspace_id AND p.conversation_id = known.conversation_id
			AND p.address = known.sender
	) AS takes_part
FROM known
