SELECT id, at, actor_kind, actor_id, remote, action, subject, detail
FROM audit_entries
WHERE $1::uuid IS NULL OR id < $1
ORDER BY id DESC
LIMIT $2
