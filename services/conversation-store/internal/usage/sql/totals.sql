SELECT meter, mode, COALESCE(sum(units), 0)::bigint, count(*) FILTER (WHERE units > 0),
	COALESCE(sum(expected) FILTER (WHERE units IS NULL), 0)::bigint
FROM usage_entries WHERE period = $1
GROUP BY meter, mode ORDER BY meter, mode
