SELECT w.id::text, w.name, w.slug, u.id::text, u.name, u.email
FROM workspaces w LEFT JOIN users u ON u.id = $1
