-- The dearest of what was agreed during a period, so that nobody saves the price by leaving a plan the day before it is
-- charged; prices in another currency than that at its end do not compare. What was agreed first where nothing was yet.
SELECT terms FROM terms_history
WHERE since >= COALESCE((SELECT max(since) FROM terms_history WHERE since <= $1), '-infinity')
ORDER BY since < $2 DESC,
	terms ->> 'currency' = (SELECT l.terms ->> 'currency' FROM terms_history l WHERE l.since < $2 ORDER BY l.since DESC LIMIT 1) DESC NULLS LAST,
	CASE WHEN since < $2 THEN (terms ->> 'price_minor')::bigint END DESC NULLS LAST,
	CASE WHEN since < $2 THEN since END DESC, since
LIMIT 1
