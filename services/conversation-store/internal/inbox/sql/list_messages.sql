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
		FROM conversation_messages m
		WHERE
{{- if .Unknown}} m.status = 'unknown'
			AND m.id IN (SELECT e.message_id FROM message_events e WHERE e.status = 'unknown')
{{- else}} m.conversation_id = {{template "conversation_of.sql"}}
{{- end}}
{{- if .After}}
			AND (m.created_at, m.id) < (@after_at, @after_id)
{{- end}}
		ORDER BY m.created_at DESC, m.id DESC
		LIMIT @rows
	) AS row
) AS m
WHERE m.place = 1 OR m.bytes_so_far <= @bytes
ORDER BY m.created_at DESC, m.id DESC
