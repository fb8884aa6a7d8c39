"""What the product measures of itself: instruments, and what they said in the last minutes."""
