-- The indexes that stand for no constraint: they are made faster afterwards than kept up.
SELECT format('%I.%I', i.schemaname, i.indexname), i.indexdef
FROM pg_indexes i
WHERE i.schemaname = 'conversations'
	AND i.tablename IN ('conversation_messages', 'message_events', 'conversations', 'contacts', 'contact_addresses')
	AND NOT EXISTS (
		SELECT FROM pg_index x
		WHERE x.indexrelid = format('%I.%I', i.schemaname, i.indexname)::regclass AND x.indisunique)
	AND i.indexname <> 'conversation_messages_list'
