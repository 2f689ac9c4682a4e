-- Until when conversations can be answered freely, by every id they go by.
SELECT c.workspace_id, c.id AS conversation_id, c.window_expires_at AS expires_at
FROM unnest($1::uuid[], $2::uuid[]) AS opened (workspace_id, id)
JOIN conversations c ON c.workspace_id = opened.workspace_id AND c.id = opened.id
WHERE c.window_expires_at IS NOT NULL
UNION
SELECT a.workspace_id, a.id, c.window_expires_at
FROM unnest($1::uuid[], $2::uuid[]) AS opened (workspace_id, id)
JOIN conversation_aliases a ON a.workspace_id = opened.workspace_id AND a.conversation_id = opened.id
JOIN conversations c ON c.workspace_id = a.workspace_id AND c.id = a.conversation_id
WHERE c.window_expires_at IS NOT NULL AND NOT EXISTS (
	SELECT FROM conversations own WHERE own.workspace_id = a.workspace_id AND own.id = a.id AND own.id <> c.id)
