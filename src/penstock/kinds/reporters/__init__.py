"""Who is told about a run, and how: one reporter kind per file."""
