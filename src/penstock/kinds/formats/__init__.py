"""How files become tables: one file format per file."""
