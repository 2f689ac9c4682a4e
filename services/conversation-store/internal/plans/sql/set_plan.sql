INSERT INTO plans (id, name, currency, price_minor, self_service) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, currency = EXCLUDED.currency, price_minor = EXCLUDED.price_minor,
	self_service = EXCLUDED.self_service
