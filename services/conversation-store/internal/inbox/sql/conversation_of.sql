{{- /* The conversation of an id: the one that has it, else the one that a customer's other address leads to. */ -}}
COALESCE((
	SELECT alias.conversation_id FROM conversation_aliases alias
	WHERE alias.id = @id AND NOT EXISTS (SELECT FROM conversations own WHERE own.id = @id)
), @id)
