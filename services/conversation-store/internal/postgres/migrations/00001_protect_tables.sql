-- +goose Up
SET LOCAL lock_timeout = '5s';

GRANT USAGE ON SCHEMA conversations TO conversations_app, conversations_writer, conversations_relay;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- protect_table puts a table behind forced row-level security; every table goes through it.
-- The owner sees every row by a policy of its own, so that no role needs BYPASSRLS. With tenant_column the serving role
-- sees the rows of app.current_workspace_id and the writer the rows of app.current_workspace_ids; without a setting, no
-- row. The writer's array is read once a statement, hence the scalar sub-select.
-- +goose StatementBegin
CREATE FUNCTION protect_table(target regclass, tenant_column text DEFAULT NULL) RETURNS void
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
		'%I = ANY ((SELECT NULLIF(current_setting(''app.current_workspace_ids'', true), '''')::uuid[])::uuid[])',
		tenant_column);
	EXECUTE format('CREATE POLICY app_workspace ON %s TO conversations_app USING (%s) WITH CHECK (%s)', target, one, one);
	EXECUTE format('CREATE POLICY writer_workspaces ON %s TO conversations_writer USING (%s) WITH CHECK (%s)', target, many, many);
END
$$;
-- +goose StatementEnd

SELECT protect_table('schema_version');
