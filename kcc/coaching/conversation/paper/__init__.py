"""A report on paper: its words in one language, and the PDF made of them."""
