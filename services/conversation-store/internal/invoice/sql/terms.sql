-- What was agreed at the end of a period; what was agreed first where nothing was yet.
SELECT terms FROM terms_history
ORDER BY since < $1 DESC, CASE WHEN since < $1 THEN since END DESC, since
LIMIT 1
