SELECT COALESCE(sum(reserved), 0)::bigint FROM usage_entries
WHERE period = $1 AND counted_with = $2 AND mark BETWEEN 1 AND $3
