"""One command per claim: `python -m benchmarks.NAME` prints a ratio against its limit, both taken in one
run.
"""
