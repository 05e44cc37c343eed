"""Provisioning over SCIM 2.0: what an identity provider says of who works here, and in which groups."""
