{{- /* Row-level security keeps the planner from using an index for whatever is not leakproof, so only equality of text,
uuid and boolean columns is asked for here; words and labels go through search_conversations, which applies every filter
itself. A filter nobody asked for is left out: OR would keep a generic plan from the index. */ -}}
{{template "select_conversations.sql"}}
{{- if .Searching}}
FROM search_conversations(
	words => @words, max_rows => @rows, before_at => @after_at, before_id => @after_id, only_label => @label,
	only_channel => @channel, only_status => @status, only_unread => @unread, only_starred => @starred,
	only_assigned_to => @assigned_to) AS hit (id)
JOIN conversations c ON c.id = hit.id
{{- else}}
FROM conversations c
{{- end}}
JOIN contacts p ON p.workspace_id = c.workspace_id AND p.id = c.contact_id
LEFT JOIN consents w ON w.workspace_id = c.workspace_id AND w.channel = c.channel AND w.address = c.peer
WHERE true
{{- if not .Searching}}
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
{{- end}}
ORDER BY c.last_message_at DESC, c.id DESC
LIMIT @rows
