-- Whole messages: what one took of two meters stays on one page.
WITH page AS (
	SELECT DISTINCT occurred_at, message_id FROM usage_entries
	WHERE period = $1 AND ($2::timestamptz IS NULL OR (occurred_at, message_id) > ($2, $3::uuid))
		AND (units IS NULL OR units > 0)
	ORDER BY occurred_at, message_id LIMIT $4
)
SELECT u.message_id, u.attempt, u.meter, u.provider, u.mode, COALESCE(u.units, u.expected), u.units IS NOT NULL,
	CASE WHEN u.mode = 'byoc' THEN 0 ELSE u.unit_price_micros END, u.currency, u.occurred_at
FROM page JOIN usage_entries u ON u.period = $1 AND u.occurred_at = page.occurred_at AND u.message_id = page.message_id
WHERE u.units IS NULL OR u.units > 0
ORDER BY u.occurred_at, u.message_id, u.attempt, u.meter
