"""The pages on which employee and team lead decide together after a threat, and why it is kept."""
