"""What is demanded of a metric: one check kind per file."""
