{{- /* The conversation of an id: the one that has it, else the one that a customer's other address leads to. It is a row of its
own, since row-level security lets no condition into an index whose value is a query: OFFSET keeps them apart. */ -}}
(
	SELECT COALESCE((
		SELECT alias.conversation_id FROM conversation_aliases alias
		WHERE alias.id = @id AND NOT EXISTS (SELECT FROM conversations own WHERE own.id = @id)
	), @id) AS id
	OFFSET 0
) AS wanted
