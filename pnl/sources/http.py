"""The one way that every source speaks HTTP: a total deadline, a byte cap, exact numbers, failures sorted once."""
