INSERT INTO contact_addresses (workspace_id, channel, address, contact_id)
SELECT DISTINCT ON (peer.workspace_id, peer.channel, peer.address)
	peer.workspace_id, peer.channel, peer.address, peer.contact_id
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS peer (workspace_id, contact_id, channel, address)
ORDER BY peer.workspace_id, peer.channel, peer.address
ON CONFLICT (workspace_id, channel, address) DO NOTHING
