-- What workspaces of the reader pay by from now on, unless it is what they paid by already.
INSERT INTO terms_history (workspace_id, terms)
SELECT now.workspace_id, to_jsonb(now) - 'workspace_id'
FROM (%s) AS now
WHERE ($1::text IS NULL OR now.plan_id = $1) AND to_jsonb(now) - 'workspace_id' IS DISTINCT FROM (
	SELECT held.terms FROM terms_history held WHERE held.workspace_id = now.workspace_id ORDER BY held.since DESC LIMIT 1)
