"""What a long past costs: one year or ten of snapshots every ten seconds, read by the API and beside other engines."""
