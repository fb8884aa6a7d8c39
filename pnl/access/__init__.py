"""Who may see and do what: people, their sessions and passwords, tokens for programs, and the one decision."""
