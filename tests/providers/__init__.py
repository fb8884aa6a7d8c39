"""Providers of OpenID Connect on loopback: a real one as a process, and one that says whatever a test wants."""
