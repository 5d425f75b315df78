"""Numbers about models: arrays in, arrays out; no project, no files."""
