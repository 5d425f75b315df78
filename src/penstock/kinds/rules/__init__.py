"""What is demanded of a dataset, measured and judged in one: one data-quality rule per file."""
