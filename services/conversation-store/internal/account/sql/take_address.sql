-- Tells whether the address is the workspace's: now, or because it took it for another channel. Row-level security hides
-- the routes of others.
WITH taken AS (
	INSERT INTO routes (workspace_id, provider, provider_account, address)
	VALUES ($1, $2, $3, $4)
	ON CONFLICT DO NOTHING
	RETURNING address
)
SELECT EXISTS (SELECT FROM taken) OR EXISTS (
	SELECT FROM routes WHERE workspace_id = $1 AND provider = $2 AND provider_account = $3 AND address = $4)
