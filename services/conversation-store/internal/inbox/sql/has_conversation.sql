SELECT true FROM {{template "conversation_of.sql" -}}
CROSS JOIN LATERAL (SELECT FROM conversations WHERE conversations.id = wanted.id LIMIT 1) AS c
