"""How Snakeval is installed: the locks, and the standard-library programs that bring .venv to them."""
