-- People and addresses seen for the first time.
WITH strangers AS (
	SELECT peer.workspace_id, peer.contact_id, peer.channel, peer.address, peer.name
	FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
		AS peer (workspace_id, contact_id, channel, address, name)
	WHERE NOT EXISTS (
		SELECT FROM contact_addresses known
		WHERE known.workspace_id = peer.workspace_id AND known.channel = peer.channel AND known.address = peer.address)
),
met AS (
	INSERT INTO contacts (workspace_id, id, name)
	SELECT DISTINCT ON (workspace_id, contact_id) workspace_id, contact_id, name
	FROM strangers
	ORDER BY workspace_id, contact_id, name DESC
	ON CONFLICT (workspace_id, id) DO NOTHING
)
INSERT INTO contact_addresses (workspace_id, channel, address, contact_id)
SELECT DISTINCT ON (workspace_id, channel, address) workspace_id, channel, address, contact_id
FROM strangers
ORDER BY workspace_id, channel, address
ON CONFLICT (workspace_id, channel, address) DO NOTHING
