"""Other ways to send one message to every client, each written as its own documentation would have it."""
