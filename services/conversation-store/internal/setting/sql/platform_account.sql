SELECT id, provider FROM channel_accounts
WHERE channel = $1 AND mode = 'platform'
ORDER BY is_default DESC, created_at, id
LIMIT 1
