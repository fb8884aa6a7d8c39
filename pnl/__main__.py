"""`python -m pnl`: see `pnl.cli`."""

import sys

from pnl.cli import main

sys.exit(main())
