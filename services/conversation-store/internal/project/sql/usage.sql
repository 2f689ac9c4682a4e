-- What accepted messages are expected to take. The second time there is nothing to add. What names no period belongs to the
-- month in its workspace's zone.
INSERT INTO usage_entries (
	workspace_id, message_id, attempt, meter, period, provider, mode, expected, counted_with, reserved, mark,
	unit_price_micros, currency, occurred_at)
SELECT given.workspace_id, given.message_id, given.attempt, given.meter,
	COALESCE(NULLIF(given.period, ''), to_char(given.occurred_at AT TIME ZONE w.time_zone, 'YYYY-MM')),
	given.provider, given.mode, given.expected, given.counted_with, given.reserved, given.mark, given.unit_price_micros,
	given.currency, given.occurred_at
FROM unnest(
	$1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[],
	$10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::timestamptz[]
) AS given (
	workspace_id, message_id, attempt, meter, period, provider, mode, expected, counted_with, reserved, mark,
	unit_price_micros, currency, occurred_at)
JOIN workspaces w ON w.id = given.workspace_id
ON CONFLICT DO NOTHING
