DELETE FROM credentials WHERE provider = $1
RETURNING workspace_id, id, provider, provider_account, fields, token, state, updated_at
