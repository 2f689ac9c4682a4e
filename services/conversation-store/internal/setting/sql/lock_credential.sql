SELECT workspace_id, id, provider, provider_account, fields, token FROM credentials WHERE id = $1 FOR UPDATE
