"""OAuth for a native app, without I/O: requests are built and answers are read here, and nothing is ever sent."""
