"""Who did what with personal data, told to those concerned: the own page, the officer's search, the watch."""
