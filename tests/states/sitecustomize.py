"""Runs at the start of every Python that a test starts while the suite runs on PostgreSQL."""

import os

import penstock_states

if penstock_states.SERVER in os.environ:
    penstock_states.install()
