INSERT INTO api_keys (workspace_id, id, name, prefix, key_hash, role, created_by, created_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8
WHERE (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL) < $9
