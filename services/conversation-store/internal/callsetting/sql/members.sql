SELECT u.id::text, u.name
FROM memberships m
JOIN users u ON u.id = m.user_id
