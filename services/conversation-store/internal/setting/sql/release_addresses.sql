DELETE FROM routes r
USING channel_accounts a
WHERE a.credential_id = $1 AND r.workspace_id = a.workspace_id AND r.provider = a.provider
	AND r.provider_account = a.provider_account AND r.address = a.address
