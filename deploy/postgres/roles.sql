-- Roles, schemas and privileges of the platform, in the connected database.
--
-- For each service NAME (gateway, schools, appraisal, accountability):
--   junheng_NAME_owner   owns the schema NAME and runs its migrations; nobody can log in as it
--   junheng_NAME         the service's login: reads and writes the rows of its own schema, owns
--                        nothing, creates nothing, and sees no other schema. Row security applies
--                        to it because it is not the owner.
--   junheng_NAME_LEVEL   what the login becomes for one transaction (SET LOCAL ROLE), LEVEL being
--                        the rows it may see: bureau, schools, person, platform (administrators)
--                        or service (the service itself). Each table has one policy per level;
--                        the bare login has none, and so sees no protected row at all.
--
-- It can be run again at any time. `python -m deploy.postgres.setup` runs it under a lock; a DBA can
-- run it with psql, after setting the four passwords (plain, or better as SCRAM verifiers):
--
--   SET junheng.gateway_password = '…';   SET junheng.schools_password = '…';
--   SET junheng.appraisal_password = '…'; SET junheng.accountability_password = '…';
--   \i deploy/postgres/roles.sql
--
-- It needs a superuser, or a role with CREATEROLE that owns the database; PostgreSQL 16 or newer.

DO $$
DECLARE
  service text;
  owner_role text;
  login_role text;
  level text;
  grantee text;
BEGIN
  FOREACH service IN ARRAY ARRAY['gateway', 'schools', 'appraisal', 'accountability'] LOOP
    owner_role := format('junheng_%s_owner', service);
    login_role := format('junheng_%s', service);

    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner_role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', owner_role);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login_role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', login_role);
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L',
                   login_role, current_setting(format('junheng.%s_password', service)));
    EXECUTE format('ALTER ROLE %I SET search_path = %I', login_role, service);

    -- The role that runs this acts as the owner here and in the migrations. A superuser may do so
    -- anyway; granting it a role would only leave a trace.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER WITH SET TRUE, INHERIT TRUE', owner_role);
    END IF;

    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, owner_role);

    FOREACH level IN ARRAY ARRAY['bureau', 'schools', 'person', 'platform', 'service'] LOOP
      grantee := format('junheng_%s_%s', service, level);
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = grantee) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', grantee);
      END IF;
      EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', grantee, login_role);
    END LOOP;

    FOREACH grantee IN ARRAY ARRAY[login_role, login_role || '_bureau', login_role || '_schools',
        login_role || '_person', login_role || '_platform', login_role || '_service'] LOOP
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', service, grantee);
      EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I '
                     'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I',
                     owner_role, service, grantee);
      EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I '
                     'GRANT USAGE, SELECT ON SEQUENCES TO %I',
                     owner_role, service, grantee);
      -- TEMPORARY: bulk imports stage their rows in temporary tables.
      EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I',
                     current_database(), grantee);
    END LOOP;
  END LOOP;

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
END
$$;
