{{- if .After}}
			AND (m.created_at, m.id) < (@after_at, @after_id)
{{- end}}
			ORDER BY m.created_at DESC, m.id DESC
			LIMIT @rows
