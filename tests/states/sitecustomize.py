"""Runs at the start of every Python that a test starts while the suite runs on PostgreSQL."""

import os
import sys

import penstock_states

if penstock_states.SERVER in os.environ:
    sys.meta_path.insert(0, penstock_states.Elsewhere())
