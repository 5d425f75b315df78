"""Where rows come from and go to: one dataset kind per file."""
