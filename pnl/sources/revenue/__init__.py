"""Revenue: a feed by HTTP, a CSV file, and Stripe's balance, all told as the same entries."""
