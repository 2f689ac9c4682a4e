SELECT channel, mode, provider, updated_at FROM workspace_communication_settings ORDER BY channel
