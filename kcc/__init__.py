"""kcc records a contact centre's calls and monitors their quality; each package below is one noun of that
work.
"""

__version__ = "0.1.0"
