-- +goose Up
SET LOCAL lock_timeout = '5s';

-- walk_conversations goes through conversations as they are listed, newest first and from the keyset on, and tests the
-- messages of each and its contact's name: a word that is in many messages is met soon. Null for wanted is met by every
-- conversation. It ends with most of them found, or with what it read being as much as room messages, however long they
-- and their conversations are; deep is how many messages of a conversation it reads at most. last_at and last_id are the
-- last conversation it is done with, is_end whether there is none after it.
-- It asks for the order of the list of whoever plans it, and for nothing but what an index finds in that order.
-- +goose StatementBegin
CREATE FUNCTION walk_conversations(
	workspace uuid, wanted tsquery, most integer, room integer, deep integer, after_at timestamptz, after_id uuid,
	only_label text, only_channel text, only_status text, only_unread boolean, only_starred boolean, only_assigned_to uuid,
	OUT ids uuid[], OUT last_at timestamptz, OUT last_id uuid, OUT is_end boolean
)
LANGUAGE plpgsql STABLE SET search_path = conversations, pg_temp
SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
	listed refcursor;
	c record;
	m record;
	is_hit boolean;
	spent bigint := 0;
BEGIN
	ids := '{}';
	last_at := after_at;
	last_id := after_id;
	is_end := false;
	OPEN listed NO SCROLL FOR EXECUTE concat(
		'SELECT c.id, c.contact_id, c.last_message_at FROM conversations c WHERE c.workspace_id = $1',
		CASE WHEN only_label IS NOT NULL THEN ' AND $2 = ANY (c.labels)' END,
		CASE WHEN only_channel IS NOT NULL THEN ' AND c.channel = $3' END,
		CASE WHEN only_status IS NOT NULL THEN ' AND c.status = $4' END,
		CASE only_unread WHEN true THEN ' AND c.is_unread' WHEN false THEN ' AND NOT c.is_unread' END,
		CASE only_starred WHEN true THEN ' AND c.is_starred' WHEN false THEN ' AND NOT c.is_starred' END,
		CASE WHEN only_assigned_to IS NOT NULL THEN ' AND c.assigned_to = $5' END,
		CASE WHEN after_at IS NOT NULL THEN ' AND (c.last_message_at, c.id) < ($6, $7)' END,
		' ORDER BY c.last_message_at DESC, c.id DESC')
		USING workspace, only_label, only_channel, only_status, only_assigned_to, after_at, after_id;
	WHILE cardinality(ids) < most LOOP
		FETCH listed INTO c;
		IF c.id IS NULL THEN
			is_end := true;
			EXIT;
		END IF;
		is_hit := wanted IS NULL OR EXISTS (
			SELECT FROM contacts p
			WHERE p.workspace_id = workspace AND p.id = c.contact_id AND (search_document(p.workspace_id, p.name) @@ wanted) IS TRUE
			OFFSET 0
		);
		IF NOT is_hit THEN
			FOR m IN
				SELECT t.from_name || ' ' || t.from_address || ' ' || t.to_address || ' ' || t.subject || ' ' || t.body AS content
				FROM conversation_messages t
				WHERE t.workspace_id = workspace AND t.conversation_id = c.id
				ORDER BY t.created_at DESC, t.id DESC LIMIT deep
			LOOP
				spent := spent + 1 + least(octet_length(m.content), 100000) / 500;
				is_hit := (search_document(workspace, m.content) @@ wanted) IS TRUE;
				EXIT WHEN is_hit OR spent > room;
			END LOOP;
		END IF;
		EXIT WHEN spent > room AND NOT is_hit;
		IF is_hit THEN
			ids := ids || c.id;
		END IF;
		last_at := c.last_message_at;
		last_id := c.id;
	END LOOP;
	CLOSE listed;
END
$$;
-- +goose StatementEnd

-- search_conversations finds what it found. It took every hit before it kept the newest; now it takes so many hits at
-- most, and when there are more it walks the list for as long as that took, which a frequent word ends soon. A word that is
-- frequent, but not in what is new, is looked for in both ways in turn, four times as far each time: what it costs is a few
-- times what the cheaper way costs. The newest messages tell first whether the index need be asked at all: for the
-- beginning of a word it gathers every message, of every workspace, that has a word beginning so. Its memory is such that
-- it need not read again what it found.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_conversations(
	words text, max_rows integer, before_at timestamptz DEFAULT NULL, before_id uuid DEFAULT NULL,
	only_label text DEFAULT NULL, only_channel text DEFAULT NULL, only_status text DEFAULT NULL,
	only_unread boolean DEFAULT NULL, only_starred boolean DEFAULT NULL, only_assigned_to uuid DEFAULT NULL
) RETURNS TABLE (conversation_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = conversations, pg_temp
SET work_mem = '32MB' SET enable_seqscan = off AS $$
DECLARE
	sampled CONSTANT integer := 5;
	hits_per_message CONSTANT integer := 16; -- that cost as much to fetch as it costs to test a message
	workspace uuid := NULLIF(current_setting('app.current_workspace_id', true), '')::uuid;
	wanted tsquery := search_query(workspace, words);
	most integer := least(max_rows, 1000);
	room integer := 4000;
	is_frequent boolean := false;
	people uuid[] := '{}';
	hits uuid[];
	walked record;
	newest uuid[] := '{}';
	from_at timestamptz := before_at;
	from_id uuid := before_id;
BEGIN
	IF workspace IS NULL OR (words IS NOT NULL AND wanted IS NULL) THEN
		RETURN;
	END IF;
	IF words IS NOT NULL THEN
		SELECT cardinality(w.ids) * 3 > sampled INTO is_frequent
		FROM walk_conversations(workspace, wanted, sampled, sampled, 1, before_at, before_id, NULL, NULL, NULL, NULL, NULL, NULL) w;
	END IF;
	LOOP
		IF is_frequent THEN
			hits := NULL;
		ELSIF words IS NULL THEN
			hits := ARRAY(
				SELECT c.id FROM conversations c
				WHERE c.labels <> '{}' AND workspace_labels(c.workspace_id, c.labels) @> ARRAY[workspace::text || '/' || only_label]
				LIMIT room + 1
			);
		ELSE
			people := ARRAY(
				SELECT p.id FROM contacts p
				WHERE (p.workspace_id = workspace) IS TRUE AND search_document(p.workspace_id, p.name) @@ wanted LIMIT room + 1
			);
			hits := ARRAY(
				SELECT m.conversation_id FROM conversation_messages m
				WHERE (m.workspace_id = workspace) IS TRUE
					AND search_document(m.workspace_id,
						m.from_name || ' ' || m.from_address || ' ' || m.to_address || ' ' || m.subject || ' ' || m.body) @@ wanted
				LIMIT room + 1
			);
		END IF;
		EXIT WHEN cardinality(hits) <= room AND cardinality(people) <= room;
		SELECT * INTO walked FROM walk_conversations(workspace, wanted, most - cardinality(newest), room / hits_per_message, NULL,
			from_at, from_id, only_label, only_channel, only_status, only_unread, only_starred, only_assigned_to);
		newest := newest || walked.ids;
		IF walked.is_end OR cardinality(newest) >= most THEN
			RETURN QUERY SELECT unnest(newest);
			RETURN;
		END IF;
		from_at := walked.last_at;
		from_id := walked.last_id;
		is_frequent := false;
		room := least(room::bigint * 4, 500000000);
	END LOOP;
	RETURN QUERY
	SELECT c.id FROM (
		SELECT unnest(hits)
		UNION
		SELECT k.id FROM conversations k WHERE k.workspace_id = workspace AND k.contact_id = ANY (people)
	) AS hit (id)
	CROSS JOIN LATERAL (
		SELECT * FROM conversations WHERE conversations.workspace_id = workspace AND conversations.id = hit.id LIMIT 1
	) AS c
	WHERE (only_label IS NULL OR only_label = ANY (c.labels))
		AND (only_channel IS NULL OR c.channel = only_channel)
		AND (only_status IS NULL OR c.status = only_status)
		AND (only_unread IS NULL OR c.is_unread = only_unread)
		AND (only_starred IS NULL OR c.is_starred = only_starred)
		AND (only_assigned_to IS NULL OR c.assigned_to = only_assigned_to)
		AND (before_at IS NULL OR (c.last_message_at, c.id) < (before_at, before_id))
	ORDER BY c.last_message_at DESC, c.id DESC
	LIMIT most;
END
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION walk_conversations (uuid, tsquery, integer, integer, integer, timestamptz, uuid, text, text, text,
	boolean, boolean, uuid) FROM PUBLIC;
