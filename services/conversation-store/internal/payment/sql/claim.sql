-- Takes invoices that are due for a few minutes, so that no two processes have the same.
UPDATE invoices i SET next_try = now() + interval '5 minutes'
FROM (
	SELECT workspace_id, id FROM invoices
	WHERE state IN ('open', 'failed') AND (next_try IS NULL OR next_try <= now())
	ORDER BY next_try NULLS FIRST LIMIT $1 FOR UPDATE SKIP LOCKED
) due
WHERE i.workspace_id = due.workspace_id AND i.id = due.id
RETURNING i.workspace_id, i.id, i.period, i.plan_name, i.currency, i.lines, i.total_minor, i.external_id
