-- What was charged for a period, on its own invoice and on later ones; null when it has none.
SELECT sum((line ->> 'amount_minor')::bigint)::bigint
FROM invoices i CROSS JOIN LATERAL jsonb_array_elements(i.lines) AS line
WHERE line ->> 'period' = $1 AND i.period <> $2 AND EXISTS (SELECT FROM invoices own WHERE own.period = $1)
