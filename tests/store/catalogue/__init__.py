"""A few kinds of the tests' own, so that the store is tested without the product's catalogue."""
