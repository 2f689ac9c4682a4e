INSERT INTO audit_entries (workspace_id, id, actor_kind, actor_id, remote, action, subject, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
