UPDATE channel_accounts SET is_default = false, updated_at = now()
WHERE channel = $1 AND is_default AND id <> $2
RETURNING workspace_id, id AS channel_account_id, channel, provider, provider_account, address, mode, sandbox,
	display_name, is_default, credential_id
