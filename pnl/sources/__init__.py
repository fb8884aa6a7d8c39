"""The upstreams: one folder a vendor, and the one way that all of them speak HTTP."""
