"""Backups: whole copies that were read back and proved, and segments of what came since, in a folder or a bucket."""
