"""The pages of the dashboard: each lists its panels."""
