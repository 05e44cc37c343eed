"""Signing in with the organisation's own account (OpenID Connect); passwords and sessions live beside it."""
