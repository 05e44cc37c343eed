"""The quality plan's form by version: stored, edited, published by two coaches, and read by everybody."""
