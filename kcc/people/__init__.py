"""Who works here: people, their dated functions, teams, assignments, and how they sign in."""
