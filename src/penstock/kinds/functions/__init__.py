"""Functions of the expression language: one per file."""
