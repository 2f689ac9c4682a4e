WITH given AS (
	SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS given (meter, included, overage_micros)
),
gone AS (
	DELETE FROM plan_allowances WHERE plan_id = $1 AND meter NOT IN (SELECT meter FROM given)
)
INSERT INTO plan_allowances (plan_id, meter, included, overage_micros)
SELECT $1, meter, included, overage_micros FROM given
ON CONFLICT (plan_id, meter) DO UPDATE SET included = EXCLUDED.included, overage_micros = EXCLUDED.overage_micros
