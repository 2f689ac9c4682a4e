SELECT DISTINCT c.workspace_id, c.channel, c.address, c.state, c.source, c.reason, c.changed_by, c.changed_at
FROM unnest($1::uuid[], $2::uuid[]) AS united (workspace_id, conversation_id)
JOIN conversation_aliases a ON a.workspace_id = united.workspace_id AND a.conversation_id = united.conversation_id
JOIN consents c ON c.workspace_id = a.workspace_id AND c.channel = a.channel AND c.address = a.address
