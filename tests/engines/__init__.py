"""One behavioural suite: every table recipe, processor, function and probe says the same on every engine."""
