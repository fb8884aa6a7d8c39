"""The panels of the pages: each gives its frame and what is known when the page is asked for.

From then on the browser draws them, all from the same snapshot (`assets/live`).
"""
