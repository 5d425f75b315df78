"""`import penstock` inside recipes and in notebooks."""
