-- Where ids of conversations that somebody derived lead to: to the conversation of that id, else to the one that a
-- customer's other address leads to.
SELECT given.workspace_id, given.id, COALESCE(c.id, a.conversation_id) AS conversation_id
FROM unnest($1::uuid[], $2::uuid[]) AS given (workspace_id, id)
LEFT JOIN conversations c ON c.workspace_id = given.workspace_id AND c.id = given.id
LEFT JOIN conversation_aliases a ON a.workspace_id = given.workspace_id AND a.id = given.id
WHERE c.id IS NOT NULL OR a.id IS NOT NULL
