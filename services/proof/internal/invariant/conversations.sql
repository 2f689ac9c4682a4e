SELECT workspace_id::text, id::text, channel, peer
FROM conversations.conversations
ORDER BY workspace_id, id
