"""`python -m penstock_node`"""

from __future__ import annotations

import sys

from penstock_node.cli import main

if __name__ == "__main__":
    sys.exit(main())
