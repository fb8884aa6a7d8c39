"""What was answered once and is asked again: in this process, then in Redis, then made anew."""
