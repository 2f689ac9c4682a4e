INSERT INTO invoices (workspace_id, id, period, plan_id, plan_name, currency, lines, total_minor, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (workspace_id, period) DO NOTHING
