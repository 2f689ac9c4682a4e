-- Also when it is the default already: its credential may be new.
UPDATE channel_accounts SET is_default = true, updated_at = now()
WHERE id = $1
RETURNING workspace_id, id AS channel_account_id, channel, provider, provider_account, address, mode, sandbox,
	display_name, is_default, credential_id
