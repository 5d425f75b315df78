"""Places that bundles and services are deployed to."""
