"""One revision a change of landing or ops: a Python file that names it, and its SQL beside it."""
