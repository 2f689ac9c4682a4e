INSERT INTO provider_prices (provider, meter, currency, unit_cost_micros) VALUES ($1, $2, $3, $4)
ON CONFLICT (provider, meter) DO NOTHING
