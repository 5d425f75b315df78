"""What starts scenarios: one trigger kind per file."""
