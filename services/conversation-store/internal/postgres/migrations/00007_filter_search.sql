-- +goose Up
SET LOCAL lock_timeout = '5s';

-- workspace_labels names each label together with its workspace, so that one index serves every workspace without one
-- reading another's postings.
-- +goose StatementBegin
CREATE FUNCTION workspace_labels(workspace_id uuid, labels text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
	SELECT coalesce(array_agg(workspace_id::text || '/' || label), '{}') FROM unnest(labels) AS label
$$;
-- +goose StatementEnd

CREATE INDEX conversations_labels ON conversations USING gin (workspace_labels(workspace_id, labels));

DROP FUNCTION search_conversations (text, integer, timestamptz, uuid);

-- search_conversations finds conversations by words in their messages, subjects, addresses and contact names, the last
-- word taken as a beginning, and by label: at most max_rows (and never more than 1,000), newest first, after the keyset
-- when one is given. Words or label may be null; the other filters narrow what these two find before it is cut.
-- It runs as the owner, because row-level security keeps the planner from using an index for @@ and @>; the workspace
-- comes from app.current_workspace_id and from nothing else.
-- +goose StatementBegin
CREATE FUNCTION search_conversations(
	words text, max_rows integer, before_at timestamptz DEFAULT NULL, before_id uuid DEFAULT NULL,
	only_label text DEFAULT NULL, only_channel text DEFAULT NULL, only_status text DEFAULT NULL,
	only_unread boolean DEFAULT NULL, only_starred boolean DEFAULT NULL, only_assigned_to uuid DEFAULT NULL
) RETURNS TABLE (conversation_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = conversations, pg_temp AS $$
DECLARE
	workspace uuid := NULLIF(current_setting('app.current_workspace_id', true), '')::uuid;
	wanted tsquery := websearch_to_tsquery('simple', left(words, 1000));
	people uuid[];
	hits uuid[];
BEGIN
	IF workspace IS NULL OR numnode(wanted) = 0 OR (words IS NULL AND only_label IS NULL) THEN
		RETURN;
	END IF;
	IF words IS NULL THEN
		hits := ARRAY(
			SELECT c.id FROM conversations c
			WHERE workspace_labels(c.workspace_id, c.labels) @> ARRAY[workspace::text || '/' || only_label]
		);
	ELSE
		IF right(wanted::text, 1) = '''' THEN
			wanted := (wanted::text || ':*')::tsquery;
		END IF;
		wanted := (quote_literal('workspace:' || workspace::text))::tsquery && wanted;
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

REVOKE ALL ON FUNCTION search_conversations (text, integer, timestamptz, uuid, text, text, text, boolean, boolean, uuid),
	workspace_labels (uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_conversations (text, integer, timestamptz, uuid, text, text, text, boolean, boolean, uuid)
	TO conversations_app;
-- The index on a table runs workspace_labels as whoever writes the row.
GRANT EXECUTE ON FUNCTION workspace_labels (uuid, text[]) TO conversations_app, conversations_writer;
