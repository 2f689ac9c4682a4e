SELECT 'session' AS kind, s.id, s.workspace_id, s.user_id, m.role, s.expires_at, s.token_hash AS secret_hash,
	u.operator_since IS NOT NULL AS operator
FROM sessions s
JOIN memberships m ON m.workspace_id = s.workspace_id AND m.user_id = s.user_id
JOIN users u ON u.id = s.user_id
WHERE s.expires_at > now()
UNION ALL
SELECT 'api_key', k.id, k.workspace_id, NULL, k.role, NULL, k.key_hash, false
FROM api_keys k
WHERE k.revoked_at IS NULL
