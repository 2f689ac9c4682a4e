CREATE TEMPORARY TABLE homes ON COMMIT DROP AS
SELECT n, gen_random_uuid() AS id, 'bench-' || n || '-' || left(md5(random()::text), 8) AS slug
FROM generate_series(1, $1::int) AS n
