"""Words and rules of the product: pydantic and the standard library, nothing else."""
