SELECT operator_since IS NOT NULL FROM users WHERE id = $1
