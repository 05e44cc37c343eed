"""What people prove themselves with beside a password: authenticator apps, passkeys, recovery codes."""
