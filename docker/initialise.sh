#!/bin/sh
# Migrates both databases and makes the first administrator of Airflow; safe to repeat.
set -eu
airflow db migrate
dpgw migrate
# The password goes in on standard input, twice as the prompt asks, so that no command line shows it.
printf '%s\n%s\n' "$AIRFLOW_ADMIN_PASSWORD" "$AIRFLOW_ADMIN_PASSWORD" | airflow users create \
    --username admin --role Admin --firstname Data --lastname Engineering --email admin@example.org
