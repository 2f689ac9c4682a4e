-- Workspaces that lack what new ones get: call settings, or channels of the platform that they may have. In the sandbox
-- that is every one; else who holds one of its addresses, and the first of all, which takes what nobody holds.
SELECT w.id::text, w.name, w.slug
FROM workspaces w
WHERE NOT EXISTS (SELECT FROM call_settings s WHERE s.workspace_id = w.id) OR EXISTS (
		SELECT FROM unnest($1::text[], $2::text[], $3::text[]) AS offer (provider, provider_account, channel)
		WHERE NOT EXISTS (
			SELECT FROM channel_accounts a
			WHERE a.workspace_id = w.id AND a.provider = offer.provider
				AND a.provider_account = offer.provider_account AND a.channel = offer.channel))
	AND ($4 OR w.id = (SELECT id FROM workspaces ORDER BY created_at, id LIMIT 1) OR EXISTS (
		SELECT FROM unnest($1::text[], $2::text[]) AS offer (provider, provider_account)
		JOIN routes r ON r.provider = offer.provider AND r.provider_account = offer.provider_account
		WHERE r.workspace_id = w.id))
ORDER BY w.created_at, w.id
