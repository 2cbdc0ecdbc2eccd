"""`python -m signedin_adapters.cli`."""

import sys

from signedin_adapters.cli import main

sys.exit(main())
