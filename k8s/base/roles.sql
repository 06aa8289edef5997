-- Who may do what in the database `countersign`. Run as its superuser, at each start: it can be repeated.
-- Passwords are not here: whoever runs this sets them afterwards.

REVOKE ALL ON DATABASE countersign FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

DO $$
DECLARE
  service text;
BEGIN
  -- One role a service, and a schema of the same name that nobody else can look into.
  FOREACH service IN ARRAY ARRAY['gateway', 'policy', 'ticket', 'notifier', 'executor'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', service);
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, service);
    EXECUTE format('ALTER ROLE %I SET search_path = %I', service, service);
    EXECUTE format('GRANT CONNECT ON DATABASE countersign TO %I', service);
  END LOOP;

  -- The log is owned by a role that nobody can log in as. The migrator acts as it and runs at start only;
  -- the service itself may do no more than the migrations grant: it can neither change nor drop what it wrote.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'audit_owner') THEN
    CREATE ROLE audit_owner NOLOGIN;
    CREATE ROLE audit_migrator LOGIN NOINHERIT;
    CREATE ROLE audit LOGIN;
  END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION audit_owner;

GRANT audit_owner TO audit_migrator;
ALTER ROLE audit_migrator SET role = 'audit_owner';
ALTER ROLE audit_migrator SET search_path = audit;
GRANT CONNECT ON DATABASE countersign TO audit_migrator;

GRANT USAGE ON SCHEMA audit TO audit;
ALTER ROLE audit SET search_path = audit;
GRANT CONNECT ON DATABASE countersign TO audit;
