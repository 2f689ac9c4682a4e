-- Run by whoever DATABASE_URL names, before the migrations: a superuser, or an ordinary role that may create roles
-- and schemas in this database. Roles belong to the whole server, so another database may have made them already, or
-- be making them at this moment.
DO $$
DECLARE
	wanted text;
BEGIN
	FOREACH wanted IN ARRAY ARRAY['conversations_owner', 'conversations_app', 'conversations_writer', 'conversations_relay'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
			BEGIN
				EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT', wanted);
			EXCEPTION WHEN duplicate_object OR unique_violation THEN
				NULL; -- somebody else was quicker
			END;
		END IF;
		IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
			EXECUTE format('GRANT %I TO %I', wanted, current_user);
		END IF;
	END LOOP;
	IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'conversations') THEN
		CREATE SCHEMA conversations AUTHORIZATION conversations_owner;
	END IF;
END
$$;
