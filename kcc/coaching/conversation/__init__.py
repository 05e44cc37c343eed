"""The coaching conversation about a report: arranged, written by both, signed by both."""
