"""How fast and how flat a year of snapshots is exported, and whether pages notice it."""
