{{- /* Row-level security keeps the planner from using an index for whatever is not leakproof, so only equality of text,
uuid and boolean columns is asked for here; words and labels go through search_conversations, which applies every filter
itself. A filter nobody asked for is left out: OR would keep a generic plan from the index. The page is cut before anything
is joined to it. */ -}}
{{template "select_conversations.sql"}}
{{- if .Searching}}
FROM search_conversations(
	words => @words, max_rows => {{.Rows}}, before_at => @after_at, before_id => @after_id, only_label => @label,
	only_channel => @channel, only_status => @status, only_unread => @unread, only_starred => @starred,
	only_assigned_to => @assigned_to) AS hit (id)
CROSS JOIN LATERAL (SELECT conversations.* FROM conversations WHERE conversations.id = hit.id LIMIT 1) AS c
{{- else}}
FROM (
	SELECT c.* FROM conversations c
	WHERE true
{{- if .Channel}}
		AND c.channel = @channel
{{- end}}
{{- if .Status}}
		AND c.status = @status
{{- end}}
{{- if .Unread}}
		AND {{if not .IsUnread}}NOT {{end}}c.is_unread
{{- end}}
{{- if .Starred}}
		AND {{if not .IsStarred}}NOT {{end}}c.is_starred
{{- end}}
{{- if .AssignedTo}}
		AND c.assigned_to = @assigned_to
{{- end}}
{{- if .After}}
		AND (c.last_message_at, c.id) < (@after_at, @after_id)
{{- end}}
	ORDER BY c.last_message_at DESC, c.id DESC
	LIMIT {{.Rows}}
) AS c
{{- end}}
{{template "join_people.sql"}}ORDER BY c.last_message_at DESC, c.id DESC
