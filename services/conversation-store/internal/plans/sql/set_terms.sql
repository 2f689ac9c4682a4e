UPDATE workspaces SET plan_id = COALESCE($1, plan_id), time_zone = COALESCE($2, time_zone),
	spend_cap_minor = COALESCE($3, spend_cap_minor)
