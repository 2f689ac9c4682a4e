{{template "select_conversations.sql"}}
FROM {{template "conversation_of.sql" -}}
CROSS JOIN LATERAL (SELECT conversations.* FROM conversations WHERE conversations.id = wanted.id LIMIT 1) AS c
{{template "join_people.sql"}}