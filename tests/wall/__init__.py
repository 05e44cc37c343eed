"""The second wall, in a real PostgreSQL with split roles; the policy itself is tested in tests/access."""
