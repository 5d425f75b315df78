"""How far two columns are apart: one distance or test per file."""
