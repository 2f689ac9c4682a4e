-- Sessions of a user that are over, and the oldest beyond as many as may stay beside a new one.
DELETE FROM sessions
WHERE user_id = $1 AND (
	expires_at <= $2
	OR id IN (SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id DESC OFFSET $3)
)
RETURNING token_hash
