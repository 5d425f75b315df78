"""What scenarios do: one step kind per file."""
