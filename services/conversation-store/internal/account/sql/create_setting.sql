INSERT INTO workspace_communication_settings (workspace_id, channel, mode, provider) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, channel) DO NOTHING
