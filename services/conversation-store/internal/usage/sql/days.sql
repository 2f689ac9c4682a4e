SELECT to_char(occurred_at AT TIME ZONE $2, 'YYYY-MM-DD') AS day, meter, sum(units)::bigint
FROM usage_entries WHERE period = $1 AND units > 0
GROUP BY day, meter ORDER BY day, meter
