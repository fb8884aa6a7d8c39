"""A cluster, and sentinels, of a test's own."""

import pytest

from tests.redis.servers import clusters, watched

cluster = pytest.fixture(clusters)
watched_redis = pytest.fixture(watched)
