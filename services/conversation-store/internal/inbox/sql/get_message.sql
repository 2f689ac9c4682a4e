{{template "select_messages.sql"}}
FROM conversation_messages m
WHERE m.id = @id
