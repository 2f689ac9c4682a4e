-- A receipt that names a message by the provider's id alone belongs to the message another receipt named beside that id.
UPDATE message_events AS anonymous SET message_id = named.message_id
FROM (
	SELECT DISTINCT e.workspace_id, e.provider, e.external_id, e.message_id
	FROM unnest($1::uuid[], $2::text[]) AS told (workspace_id, external_id)
	JOIN message_events e ON e.workspace_id = told.workspace_id AND e.external_id = told.external_id
	WHERE e.message_id IS NOT NULL
) AS named
WHERE anonymous.workspace_id = named.workspace_id AND anonymous.external_id = named.external_id
	AND anonymous.provider = named.provider AND anonymous.message_id IS NULL
