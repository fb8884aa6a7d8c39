"""The heartbeat: every few seconds the sources are read, folded, checked, kept and published."""
