"""Where things are kept: YAML in git, state in SQL, bytes by hash."""
