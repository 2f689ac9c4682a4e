-- +goose Up
SET LOCAL lock_timeout = '5s';

-- The writer names the workspace of every row it looks for. Its policy must not offer the planner a second condition on
-- that column: both together look so selective that any index beginning with the workspace seems as good as the primary
-- key, and every row of the workspace is read to find one. What IS TRUE wraps is no condition for an index.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION protect_table(target regclass, tenant_column text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = conversations, pg_temp AS $$
DECLARE
	one text;
	many text;
BEGIN
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
	EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
	EXECUTE format('CREATE POLICY owner_all ON %s TO conversations_owner USING (true) WITH CHECK (true)', target);
	IF tenant_column IS NULL THEN
		RETURN;
	END IF;
	one := format('%I = NULLIF(current_setting(''app.current_workspace_id'', true), '''')::uuid', tenant_column);
	many := format(
		'(%I = ANY ((SELECT NULLIF(current_setting(''app.current_workspace_ids'', true), '''')::uuid[])::uuid[])) IS TRUE',
		tenant_column);
	EXECUTE format('CREATE POLICY app_workspace ON %s TO conversations_app USING (%s) WITH CHECK (%s)', target, one, one);
	EXECUTE format('CREATE POLICY writer_workspaces ON %s TO conversations_writer USING (%s) WITH CHECK (%s)', target, many, many);
END
$$;

DO $$
DECLARE
	policy record;
	many text;
BEGIN
	FOR policy IN
		SELECT tablename, qual FROM pg_policies WHERE schemaname = 'conversations' AND policyname = 'writer_workspaces'
	LOOP
		many := format('(%s) IS TRUE', policy.qual);
		EXECUTE format('ALTER POLICY writer_workspaces ON conversations.%I USING (%s) WITH CHECK (%s)',
			policy.tablename, many, many);
	END LOOP;
END
$$;
-- +goose StatementEnd
