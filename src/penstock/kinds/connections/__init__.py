"""Ways to the outside: one connection or channel kind per file."""
