SELECT wanted.id FROM {{template "conversation_of.sql"}}
