"""The live feed: every tick diffed once, written once, and handed to every open browser."""
