"""What came of the benchmarks: each one's section with its promises, the page of all of them, the ratios on record."""
