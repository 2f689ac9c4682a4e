SELECT EXISTS (SELECT FROM memberships WHERE user_id = $1)
