"""How often the layers of the cache answer, and how long each takes."""
