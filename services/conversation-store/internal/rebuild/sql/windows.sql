SELECT c.workspace_id, c.id AS conversation_id, c.window_expires_at AS expires_at
FROM conversations c
WHERE c.window_expires_at > now()
UNION
SELECT a.workspace_id, a.id, c.window_expires_at
FROM conversation_aliases a
JOIN conversations c ON c.workspace_id = a.workspace_id AND c.id = a.conversation_id
WHERE c.window_expires_at > now() AND NOT EXISTS (
	SELECT FROM conversations own WHERE own.workspace_id = a.workspace_id AND own.id = a.id AND own.id <> c.id)
