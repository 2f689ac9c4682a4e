INSERT INTO credentials (workspace_id, id, provider, provider_account, fields, token, state)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (workspace_id, id) DO UPDATE SET fields = EXCLUDED.fields, state = EXCLUDED.state, updated_at = now()
RETURNING workspace_id, id, provider, provider_account, fields, token, state, updated_at
