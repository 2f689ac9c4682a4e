-- An invoice of another state may not be collected here; the provider's id stays the one it got first.
UPDATE invoices SET state = $2, external_id = $3, payment_url = $4, problem = '', next_try = now() + interval '1 hour'
WHERE id = $1 AND state <> 'not_collected' AND external_id IN ('', $3)
