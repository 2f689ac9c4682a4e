{{- /* Each lookup ends with its one row, so that it is one: of two tables that the planner takes for small it would read a
workspace from end to end, for every row of the page. */ -}}
CROSS JOIN LATERAL (
	SELECT contacts.name FROM contacts WHERE contacts.workspace_id = c.workspace_id AND contacts.id = c.contact_id LIMIT 1
) AS p
LEFT JOIN LATERAL (
	SELECT consents.state, consents.source, consents.reason, consents.changed_by, consents.changed_at
	FROM consents
	WHERE consents.workspace_id = c.workspace_id AND consents.channel = c.channel AND consents.address = c.peer
	LIMIT 1
) AS w ON true
