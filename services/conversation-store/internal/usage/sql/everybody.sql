-- What workspaces used of the platform's accounts and of their own, and what the providers take for the former.
SELECT u.workspace_id, u.meter, u.mode, COALESCE(sum(u.units), 0)::bigint AS units, count(*) FILTER (WHERE u.units > 0) AS entries,
	COALESCE(sum(u.expected) FILTER (WHERE u.units IS NULL), 0)::bigint AS pending,
	COALESCE(sum(u.units * price.unit_cost_micros) FILTER (WHERE u.mode = 'platform'), 0)::bigint AS cost_micros,
	bool_or(u.mode = 'platform' AND u.units > 0 AND price.unit_cost_micros IS NULL) AS is_unpriced
FROM usage_entries u
JOIN workspaces w ON w.id = u.workspace_id
JOIN plans p ON p.id = w.plan_id
LEFT JOIN provider_prices price
	ON price.provider = u.provider AND price.meter = u.meter AND price.currency = p.currency
WHERE u.workspace_id = ANY ($1) AND u.period = $2
GROUP BY u.workspace_id, u.meter, u.mode
ORDER BY u.workspace_id, u.meter, u.mode
