#!/bin/sh
# Runs once, on an empty volume: the owner of the warehouse, and Airflow's own database.
# psql reads the passwords from the environment, so that no command line shows them.
set -eu
psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password WAREHOUSE_OWNER_PASSWORD
\getenv airflow_password AIRFLOW_DB_PASSWORD
create role dpgw_owner login createrole password :'owner_password';
create role dpgw_airflow login password :'airflow_password';
create database warehouse owner dpgw_owner;
create database airflow owner dpgw_airflow;
revoke all on database warehouse, airflow from public;
SQL
