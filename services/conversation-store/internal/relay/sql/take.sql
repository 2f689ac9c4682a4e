-- The oldest rows of facts, of which the last goes beyond $1 facts at most, which are gone when the transaction commits; and
-- the oldest bucket entries, which stay: what cannot be written of one does not hold back the other. Facts are named by an
-- array: a join, planned once for every length of the outbox, may compare each with each.
WITH taken AS (
	DELETE FROM outbox WHERE id = ANY (ARRAY(
		SELECT id FROM (
			SELECT id, sum(facts) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - facts AS before
			FROM (SELECT id, facts FROM outbox WHERE target = 'change' ORDER BY id LIMIT $1) AS oldest
		) AS counted
		WHERE before < $1))
	RETURNING id, target, key, message_id, payload, traceparent, created_at
)
SELECT id, target, key, message_id, payload, traceparent, created_at FROM taken
UNION ALL
(SELECT id, target, key, message_id, payload, traceparent, created_at FROM outbox
WHERE target <> 'change' ORDER BY id LIMIT $1)
