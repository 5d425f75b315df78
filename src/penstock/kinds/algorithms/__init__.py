"""What can be trained: one algorithm per file."""
