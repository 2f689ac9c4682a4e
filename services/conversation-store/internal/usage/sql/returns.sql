-- What came of reservations, and what was used without one, by the meter it was reserved of.
SELECT period, counted_with, meter, sum(CASE WHEN units IS NULL THEN 0 ELSE reserved - units END)::bigint AS settled
FROM usage_entries
WHERE mode = 'platform' AND period >= $1
GROUP BY period, counted_with, meter
