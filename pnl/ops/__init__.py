"""What the operator asks of the product from a terminal."""
