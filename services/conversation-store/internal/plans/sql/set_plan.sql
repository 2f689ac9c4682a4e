INSERT INTO plans (id, name, currency, price_minor) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, currency = EXCLUDED.currency, price_minor = EXCLUDED.price_minor
