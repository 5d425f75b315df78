"""Where tables are computed."""
