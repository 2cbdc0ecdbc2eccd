"""A world to measure in: real processes over one home, a strict server apart from them, one clock for all."""
