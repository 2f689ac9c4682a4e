SELECT workspace_id, channel, address, state, source, reason, changed_by, changed_at FROM consents
