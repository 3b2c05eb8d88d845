"""Kendali's front door. `run.py --help` lists the commands; `run.py up` starts everything."""

import sys

# plotly imports numpy lazily: two first requests at once would meet a half-imported numpy. Import them first,
# here, in the parts that draw.
if len(sys.argv) > 1 and sys.argv[1] in ("serve", "publish"):
    import numpy  # noqa: F401
    import pandas  # noqa: F401

from front.cli import main

if __name__ == "__main__":
    sys.exit(main())
