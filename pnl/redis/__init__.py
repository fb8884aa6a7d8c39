"""Redis by its URL: one server, Sentinel or Cluster, with short timeouts and a breaker."""
