"""The catalogue: one file per kind. The folder is the family, the file name is the `type:` in YAML."""
