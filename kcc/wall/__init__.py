"""The second wall: what PostgreSQL itself refuses, whatever the program asks; the policy is kcc.access."""
