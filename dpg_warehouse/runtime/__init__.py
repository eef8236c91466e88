"""What runs on this machine for the demo and for small teams: Postgres, Airflow, the sample's server."""
