"""What any test may ask for by name: real servers, in `tests.services`; and how long a made-up example may take."""

from hypothesis import settings

pytest_plugins = ["tests.services"]

settings.register_profile("any machine", deadline=None)  # a busy machine is no fault; a hanging test has its own limit
settings.load_profile("any machine")
