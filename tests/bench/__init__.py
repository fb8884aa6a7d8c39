"""What measures, itself looked at."""
