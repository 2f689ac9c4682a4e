SELECT workspace_id, channel, address FROM consents WHERE state = 'opted_out'
