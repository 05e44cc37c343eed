"""Tools for pages: identity, declared routes, errors, languages and the shell; knows no domain."""
