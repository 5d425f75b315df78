"""An example plugin: the same folder names as ours."""
