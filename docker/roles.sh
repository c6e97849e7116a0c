#!/bin/sh
# Runs once, when PostgreSQL's volume is empty: the hub's three roles and its database.
set -eu
secrets=${SECRETS:-/run/secrets}
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$(cat "$secrets/password_owner")" \
    --set service="$(cat "$secrets/password_service")" \
    --set auditor="$(cat "$secrets/password_auditor")" <<'END'
CREATE ROLE hub_owner LOGIN CREATEDB PASSWORD :'owner';
CREATE ROLE hub_service LOGIN PASSWORD :'service';
CREATE ROLE hub_auditor LOGIN PASSWORD :'auditor';
CREATE DATABASE hub OWNER hub_owner;
END
