{{template "select_conversations.sql"}}
FROM conversations c
JOIN contacts p ON p.workspace_id = c.workspace_id AND p.id = c.contact_id
WHERE c.id = @id
