-- What a workspace pays by: every workspace that the reader sees, or the one.
SELECT w.id AS workspace_id, p.id AS plan_id, p.name AS plan_name, p.currency, p.price_minor, w.time_zone, w.spend_cap_minor,
	COALESCE((
		SELECT jsonb_agg(jsonb_build_object('meter', a.meter, 'included', COALESCE(a.included, 0),
			'unlimited', a.included IS NULL, 'overage_micros', a.overage_micros) ORDER BY a.meter)
		FROM plan_allowances a WHERE a.plan_id = p.id), '[]') AS allowances
FROM workspaces w JOIN plans p ON p.id = w.plan_id
