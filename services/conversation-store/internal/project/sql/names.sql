-- A name a customer gave themselves counts while nobody has given another.
UPDATE contacts SET name = named.name, updated_at = now()
FROM (
	SELECT DISTINCT ON (known.workspace_id, known.contact_id) known.workspace_id, known.contact_id, peer.name
	FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS peer (workspace_id, channel, address, name)
	JOIN contact_addresses known
		ON known.workspace_id = peer.workspace_id AND known.channel = peer.channel AND known.address = peer.address
	WHERE peer.name <> ''
	ORDER BY known.workspace_id, known.contact_id, peer.name
) AS named
WHERE contacts.workspace_id = named.workspace_id AND contacts.id = named.contact_id AND contacts.name = ''
