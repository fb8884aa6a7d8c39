"""What any test may ask for by name: real servers, in `tests.services`."""

pytest_plugins = ["tests.services"]
