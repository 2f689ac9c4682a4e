SELECT p.id, p.name, p.currency, p.price_minor, p.self_service, COALESCE((
		SELECT jsonb_agg(jsonb_build_object('meter', a.meter, 'included', COALESCE(a.included, 0),
			'unlimited', a.included IS NULL, 'overage_micros', a.overage_micros) ORDER BY a.meter)
		FROM plan_allowances a WHERE a.plan_id = p.id), '[]') AS allowances
FROM plans p
ORDER BY p.price_minor, p.id
