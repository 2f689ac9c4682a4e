-- People seen for the first time.
INSERT INTO contacts (workspace_id, id, name)
SELECT DISTINCT ON (peer.workspace_id, peer.contact_id) peer.workspace_id, peer.contact_id, peer.name
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
	AS peer (workspace_id, contact_id, channel, address, name)
WHERE NOT EXISTS (
	SELECT FROM contact_addresses known
	WHERE known.workspace_id = peer.workspace_id AND known.channel = peer.channel AND known.address = peer.address)
ORDER BY peer.workspace_id, peer.contact_id, peer.name DESC
ON CONFLICT (workspace_id, id) DO NOTHING
