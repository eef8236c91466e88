"""What the DAG files share: the asset, the trigger form, connections, and what is said of a failure."""

import logging

# Importing Great Expectations says a few hundred times at INFO that a closure was not registered, which
# buries the lines of a task's log that somebody looks for.
logging.getLogger("great_expectations").setLevel(logging.WARNING)
