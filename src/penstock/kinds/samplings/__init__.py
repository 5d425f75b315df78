"""Which rows are taken: one sampling method per file."""
