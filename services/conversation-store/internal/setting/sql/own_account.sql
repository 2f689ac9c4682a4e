-- The channel account of an address, made when it is not there. Of one that is the platform's nothing is returned.
INSERT INTO channel_accounts AS held (workspace_id, id, channel, provider, provider_account, address, mode, sandbox, credential_id)
VALUES ($1, $2, $3, $4, $5, $6, 'byoc', $7, $8)
ON CONFLICT (workspace_id, provider, provider_account, address, channel)
	DO UPDATE SET credential_id = EXCLUDED.credential_id, updated_at = now()
	WHERE held.mode = 'byoc'
RETURNING id
