DELETE FROM sessions WHERE user_id = $1 AND expires_at <= $2 RETURNING token_hash
