INSERT INTO contacts (workspace_id, id)
SELECT DISTINCT workspace_id, id FROM unnest($1::uuid[], $2::uuid[]) AS given (workspace_id, id)
ORDER BY workspace_id, id
ON CONFLICT (workspace_id, id) DO NOTHING
