"""Rules, routes and the dashboard of deploy/monitoring, tried with the real programs."""
