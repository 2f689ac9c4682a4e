-- +goose Up
SET LOCAL lock_timeout = '5s';

-- search_document is what search looks in. The workspace is a word of it, so that one index serves every workspace
-- without one reading another's postings. Text beyond 100,000 characters is not searched: a tsvector is bounded.
-- +goose StatementBegin
CREATE FUNCTION search_document(workspace_id uuid, content text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
	SELECT array_to_tsvector(ARRAY['workspace:' || workspace_id::text]) || to_tsvector('simple', left(content, 100000))
$$;
-- +goose StatementEnd

CREATE INDEX conversation_messages_search ON conversation_messages USING gin (
	search_document(workspace_id, from_name || ' ' || from_address || ' ' || to_address || ' ' || subject || ' ' || body));
CREATE INDEX contacts_search ON contacts USING gin (search_document(workspace_id, name));

-- search_conversations finds conversations by words in their messages, subjects, addresses and contact names, the last
-- word taken as a beginning: at most max_rows (and never more than 1,000), newest first, after the keyset when one is
-- given. It runs as the owner, because row-level security keeps the planner from using an index for @@; the workspace
-- comes from app.current_workspace_id and from nothing else.
-- +goose StatementBegin
CREATE FUNCTION search_conversations(
	words text, max_rows integer, before_at timestamptz DEFAULT NULL, before_id uuid DEFAULT NULL
) RETURNS TABLE (conversation_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = conversations, pg_temp AS $$
DECLARE
	workspace uuid := NULLIF(current_setting('app.current_workspace_id', true), '')::uuid;
	wanted tsquery := websearch_to_tsquery('simple', left(words, 1000));
BEGIN
	IF workspace IS NULL OR numnode(wanted) = 0 THEN
		RETURN;
	END IF;
	IF right(wanted::text, 1) = '''' THEN
		wanted := (wanted::text || ':*')::tsquery;
	END IF;
	wanted := (quote_literal('workspace:' || workspace::text))::tsquery && wanted;
	RETURN QUERY
	WITH hits AS (
		SELECT m.conversation_id AS id FROM conversation_messages m
		WHERE m.workspace_id = workspace
			AND search_document(m.workspace_id,
				m.from_name || ' ' || m.from_address || ' ' || m.to_address || ' ' || m.subject || ' ' || m.body) @@ wanted
		UNION
		SELECT c.id FROM contacts p JOIN conversations c ON c.workspace_id = p.workspace_id AND c.contact_id = p.id
		WHERE p.workspace_id = workspace AND search_document(p.workspace_id, p.name) @@ wanted
	)
	SELECT c.id FROM hits JOIN conversations c ON c.workspace_id = workspace AND c.id = hits.id
	WHERE before_at IS NULL OR (c.last_message_at, c.id) < (before_at, before_id)
	ORDER BY c.last_message_at DESC, c.id DESC
	LIMIT least(max_rows, 1000);
END
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION search_conversations (text, integer, timestamptz, uuid), search_document (uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_conversations (text, integer, timestamptz, uuid) TO conversations_app;
-- The index on a table runs search_document as whoever writes the row.
GRANT EXECUTE ON FUNCTION search_document (uuid, text) TO conversations_app, conversations_writer;
