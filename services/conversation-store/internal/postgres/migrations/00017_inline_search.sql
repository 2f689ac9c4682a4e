-- +goose Up
SET LOCAL lock_timeout = '5s';

-- search_document is what it was, in a form that the planner puts in the place of the call: a function that sets its
-- search path is planned anew by every statement that writes a message. Names in RETURN are bound when it is created.
CREATE OR REPLACE FUNCTION search_document(workspace_id uuid, content text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(ARRAY['workspace:' || workspace_id::text]) || to_tsvector('simple', left(content, 100000))
	|| to_tsvector('simple', translate(left(content, 500), '@._+/-', '      '));

-- Most conversations carry no label, and none of those needs a place in the index.
DROP INDEX conversations_labels;
CREATE INDEX conversations_labels ON conversations USING gin (workspace_labels(workspace_id, labels)) WHERE labels <> '{}';

-- search_conversations finds conversations by words in their messages, subjects, addresses and contact names, and by
-- label: at most max_rows (and never more than 1,000), newest first, after the keyset when one is given. Words or label
-- may be null; the other filters narrow what these two find before it is cut.
-- It runs as the owner, because row-level security keeps the planner from using an index for @@ and @>; the workspace
-- comes from app.current_workspace_id and from nothing else.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_conversations(
	words text, max_rows integer, before_at timestamptz DEFAULT NULL, before_id uuid DEFAULT NULL,
	only_label text DEFAULT NULL, only_channel text DEFAULT NULL, only_status text DEFAULT NULL,
	only_unread boolean DEFAULT NULL, only_starred boolean DEFAULT NULL, only_assigned_to uuid DEFAULT NULL
) RETURNS TABLE (conversation_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = conversations, pg_temp AS $$
DECLARE
	workspace uuid := NULLIF(current_setting('app.current_workspace_id', true), '')::uuid;
	wanted tsquery := search_query(workspace, words);
	people uuid[];
	hits uuid[];
BEGIN
	IF workspace IS NULL THEN
		RETURN;
	ELSIF words IS NULL THEN
		hits := ARRAY(
			SELECT c.id FROM conversations c
			WHERE c.labels <> '{}' AND workspace_labels(c.workspace_id, c.labels) @> ARRAY[workspace::text || '/' || only_label]
		);
	ELSE
		people := ARRAY(
			SELECT p.id FROM contacts p WHERE p.workspace_id = workspace AND search_document(p.workspace_id, p.name) @@ wanted
		);
		hits := ARRAY(
			SELECT m.conversation_id FROM conversation_messages m
			WHERE m.workspace_id = workspace
				AND search_document(m.workspace_id,
					m.from_name || ' ' || m.from_address || ' ' || m.to_address || ' ' || m.subject || ' ' || m.body) @@ wanted
			UNION
			SELECT c.id FROM conversations c WHERE c.workspace_id = workspace AND c.contact_id = ANY (people)
		);
	END IF;
	RETURN QUERY
	SELECT c.id FROM unnest(hits) AS hit (id) JOIN conversations c ON c.workspace_id = workspace AND c.id = hit.id
	WHERE (only_label IS NULL OR only_label = ANY (c.labels))
		AND (only_channel IS NULL OR c.channel = only_channel)
		AND (only_status IS NULL OR c.status = only_status)
		AND (only_unread IS NULL OR c.is_unread = only_unread)
		AND (only_starred IS NULL OR c.is_starred = only_starred)
		AND (only_assigned_to IS NULL OR c.assigned_to = only_assigned_to)
		AND (before_at IS NULL OR (c.last_message_at, c.id) < (before_at, before_id))
	ORDER BY c.last_message_at DESC, c.id DESC
	LIMIT least(max_rows, 1000);
END
$$;
-- +goose StatementEnd
