SELECT workspace_id, id, provider, provider_account, fields, token FROM credentials
WHERE (workspace_id, id) > ($1, $2) ORDER BY workspace_id, id LIMIT $3
