SELECT count(*) FROM conversations.conversation_messages WHERE direction = 'inbound' AND starts_with(external_id, $1)
