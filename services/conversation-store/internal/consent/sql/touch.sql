UPDATE conversations AS c SET updated_at = greatest(clock_timestamp(), c.updated_at + interval '1 microsecond')
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS changed (workspace_id, channel, address)
JOIN contact_addresses a
	ON a.workspace_id = changed.workspace_id AND a.channel = changed.channel AND a.address = changed.address
WHERE c.workspace_id = a.workspace_id AND c.contact_id = a.contact_id AND c.channel = a.channel AND c.peer = a.address
RETURNING c.workspace_id, c.id
