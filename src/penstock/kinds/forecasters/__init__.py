"""What continues series in time: one way per file."""
