"""Node: one installation, as its ports in one frozen object. It is passed, never global."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.core.config import Config
    from penstock.core.ports import (
        Analyses,
        Audit,
        Blobs,
        Bundles,
        Clock,
        Connections,
        Credentials,
        Data,
        Deployer,
        Discussions,
        Engines,
        Environments,
        Evaluations,
        Files,
        Metrics,
        Models,
        NodeKeys,
        Packages,
        Plugins,
        Projects,
        Runs,
        ScenarioRuns,
        Secrets,
        Shipping,
        StandardsBook,
        Users,
        Versions,
        Writer,
    )
    from penstock.core.printout import Printer


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What a use case is given: everything outside it."""

    config: Config
    clock: Clock
    projects: Projects
    versions: Versions
    data: Data
    files: Files
    engines: Engines
    runs: Runs
    scenario_runs: ScenarioRuns
    metrics: Metrics
    models: Models
    evaluations: Evaluations
    blobs: Blobs
    analyses: Analyses
    secrets: Secrets
    connections: Connections
    users: Users
    credentials: Credentials
    audit: Audit
    printer: Printer
    writer: Writer
    bundles: Bundles
    node_keys: NodeKeys
    shipping: Shipping
    packages: Packages
    deployer: Deployer
    environments: Environments
    plugins: Plugins
    standards: StandardsBook
    discussions: Discussions
