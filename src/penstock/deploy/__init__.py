"""From here to there: bundles, services, deployments, and the other nodes they go to. Use cases, as in `runtime`."""
