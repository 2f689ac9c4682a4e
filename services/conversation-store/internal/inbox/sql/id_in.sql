{{- /* A text as the id it is, null when it is none: an index knows ids, not their texts. */ -}}
CASE WHEN {{.}} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN ({{.}})::uuid END
