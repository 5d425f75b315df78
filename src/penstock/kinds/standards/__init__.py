"""What a good project looks like: one standard per file."""
