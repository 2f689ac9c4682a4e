SELECT true FROM conversations WHERE id = {{template "conversation_of.sql"}}
