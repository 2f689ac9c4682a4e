-- The newest word about an address counts, whatever order the words come in; of two of the same moment the one that
-- holds messages back. A customer's other addresses on the channel want the same.
WITH told AS (
	SELECT * FROM unnest(
		$1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::timestamptz[], $9::uuid[]
	) AS told (workspace_id, channel, address, state, source, reason, changed_by, changed_at, message_id)
),
meant AS (
	SELECT workspace_id, channel, address, state, source, reason, changed_by, changed_at, message_id FROM told
	UNION ALL
	SELECT told.workspace_id, told.channel, other.address, told.state, told.source, told.reason, told.changed_by,
		told.changed_at, told.message_id
	FROM told
	JOIN conversation_aliases one
		ON one.workspace_id = told.workspace_id AND one.channel = told.channel AND one.address = told.address
	JOIN conversation_aliases other
		ON other.workspace_id = one.workspace_id AND other.conversation_id = one.conversation_id
		AND other.channel = one.channel AND other.address <> one.address
),
newest AS (
	SELECT DISTINCT ON (workspace_id, channel, address) *
	FROM meant
	ORDER BY workspace_id, channel, address, changed_at DESC, state DESC, source DESC, reason DESC
)
INSERT INTO consents AS held (
	workspace_id, channel, address, state, source, reason, changed_by, changed_at, message_id, updated_at)
SELECT workspace_id, channel, address, state, source, reason, changed_by, changed_at, message_id, now()
FROM newest
ORDER BY workspace_id, channel, address
ON CONFLICT (workspace_id, channel, address) DO UPDATE SET
	state = EXCLUDED.state, source = EXCLUDED.source, reason = EXCLUDED.reason, changed_by = EXCLUDED.changed_by,
	changed_at = EXCLUDED.changed_at, message_id = EXCLUDED.message_id, updated_at = now()
	WHERE (EXCLUDED.changed_at, EXCLUDED.state, EXCLUDED.source, EXCLUDED.reason)
		> (held.changed_at, held.state, held.source, held.reason)
RETURNING workspace_id, channel, address, state, source, reason, changed_by, changed_at
