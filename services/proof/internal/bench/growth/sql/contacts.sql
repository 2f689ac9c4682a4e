INSERT INTO conversations.contacts (workspace_id, id, name)
SELECT workspace_id, contact_id, 'Customer ' || n FROM fresh
