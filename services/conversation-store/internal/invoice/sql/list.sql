SELECT id::text, period, plan_id, plan_name, currency, lines, total_minor, state, issued_at, payment_url, problem
FROM invoices ORDER BY period DESC LIMIT 120
