INSERT INTO workspace_communication_settings AS held (workspace_id, channel, mode, provider)
VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, channel) DO UPDATE SET mode = EXCLUDED.mode, provider = EXCLUDED.provider,
	updated_at = CASE WHEN (held.mode, held.provider) = (EXCLUDED.mode, EXCLUDED.provider) THEN held.updated_at ELSE now() END
RETURNING channel, mode, provider, updated_at
