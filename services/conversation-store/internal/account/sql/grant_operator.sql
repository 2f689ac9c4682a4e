UPDATE users SET operator_since = CASE WHEN $2 THEN COALESCE(operator_since, now()) END WHERE email = lower($1) RETURNING id
