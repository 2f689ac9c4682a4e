SELECT meter, COALESCE(sum(units), 0)::bigint FROM usage_entries
WHERE period = $1 AND mode = 'platform' AND units > 0
GROUP BY meter
