"""Provisioning over SCIM, through HTTP and on both databases."""
