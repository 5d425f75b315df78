"""What stands on dashboards: one tile kind per file."""
