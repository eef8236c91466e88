"""What the DAG files share: the asset, the trigger form, connections, and what is said of a failure."""
