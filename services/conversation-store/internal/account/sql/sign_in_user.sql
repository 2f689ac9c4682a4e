SELECT user_id, user_name, user_email, password_hash, workspace_id, workspace_name, workspace_slug, member_role
FROM sign_in_user($1)
