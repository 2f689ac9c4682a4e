SELECT known.workspace_id, known.channel, known.address, known.contact_id
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS given (workspace_id, channel, address)
JOIN contact_addresses known
	ON known.workspace_id = given.workspace_id AND known.channel = given.channel AND known.address = given.address
