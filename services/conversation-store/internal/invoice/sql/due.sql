-- Workspaces that paid by something that costs, with when they began.
SELECT DISTINCT w.id::text, w.created_at, w.time_zone
FROM workspaces w JOIN terms_history h ON h.workspace_id = w.id
WHERE (h.terms ->> 'price_minor')::bigint > 0 OR (h.terms ->> 'spend_cap_minor')::bigint > 0
ORDER BY 1
