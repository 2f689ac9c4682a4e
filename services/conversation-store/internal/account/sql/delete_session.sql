DELETE FROM sessions WHERE id = $1 RETURNING token_hash
