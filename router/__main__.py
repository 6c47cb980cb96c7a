"""`python -m router` is `strangler`."""

import sys

from router.cli import main

sys.exit(main())
