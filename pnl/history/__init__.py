"""The past as it is known: statements of days, what restated them, and the books as they were at any instant."""
