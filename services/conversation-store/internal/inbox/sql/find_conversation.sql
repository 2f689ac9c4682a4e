SELECT {{template "conversation_of.sql"}}
