INSERT INTO conversations.contact_addresses (workspace_id, channel, address, contact_id)
SELECT workspace_id, 'sms', peer, contact_id FROM fresh
