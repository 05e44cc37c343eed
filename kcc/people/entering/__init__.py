"""The pages between a password and a session, and of proving oneself again."""
