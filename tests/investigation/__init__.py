"""Cases of weighty reasons."""
