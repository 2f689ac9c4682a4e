{{template "select_conversations.sql"}}
FROM conversations c
JOIN contacts p ON p.workspace_id = c.workspace_id AND p.id = c.contact_id
LEFT JOIN consents w ON w.workspace_id = c.workspace_id AND w.channel = c.channel AND w.address = c.peer
WHERE c.id = {{template "conversation_of.sql"}}
