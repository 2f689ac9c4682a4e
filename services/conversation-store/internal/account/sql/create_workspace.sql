INSERT INTO workspaces (id, name, slug, plan_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
