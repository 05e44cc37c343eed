"""Who may do what: profiles, purposes, actions and the one policy; imports nothing but the standard
library and kcc.errors.
"""
