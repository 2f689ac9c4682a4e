SELECT workspace_id, id, provider, provider_account, fields, token, state, updated_at FROM credentials WHERE provider = $1 FOR UPDATE
