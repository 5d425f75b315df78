"""How good predictions are: one score per file."""
