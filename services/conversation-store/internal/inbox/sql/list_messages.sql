{{- /* A page ends where its texts get too large for one answer, but holds one message at least. What is left out is not
read: the size of a text is known without it. The rows there are say whether something is left. */ -}}
{{template "select_messages.sql"}}, m.rows_found
FROM (
	SELECT row.*, count(*) OVER () AS rows_found,
		sum(octet_length(row.body) + octet_length(row.reply_body) + octet_length(row.html)
			+ COALESCE(octet_length(row.call ->> 'transcript'), 0)) OVER (ORDER BY row.created_at DESC, row.id DESC) AS bytes_so_far,
		row_number() OVER (ORDER BY row.created_at DESC, row.id DESC) AS place
	FROM (
		SELECT m.*
{{- if .Unknown}}
		FROM conversation_messages m
		WHERE m.status = 'unknown'
			AND m.id IN (SELECT e.message_id FROM message_events e WHERE e.status = 'unknown')
{{- template "list_messages_after.sql" .}}
{{- else}}
		FROM {{template "conversation_of.sql" -}}
		CROSS JOIN LATERAL (
			SELECT m.* FROM conversation_messages m
			WHERE m.conversation_id = wanted.id
{{- template "list_messages_after.sql" .}}
		) AS m
{{- end}}
	) AS row
) AS m
WHERE m.place = 1 OR m.bytes_so_far <= @bytes
ORDER BY m.created_at DESC, m.id DESC
