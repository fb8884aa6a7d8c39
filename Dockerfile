# The product in a container, as user 10001, with a root file system that may be read-only. The simplest way:
#   docker compose up --build
# How to run it, and what each setting does in a container: docs/how-to/run-in-containers.md

# The base has no digest here: a digest has to be read from the registry by whoever builds, and one copied from anywhere
# else would only look like a pin. Give yours: --build-arg BASE=python:3.11-slim-bookworm@sha256:…
ARG BASE=python:3.11-slim-bookworm

# hadolint ignore=DL3006
FROM ${BASE} AS packages
RUN python -m venv /venv
COPY requirements.txt /tmp/requirements.txt
# What no part of the product opens is left out again: Arrow over the network, parts for Jupyter, maps of scripts.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
        --requirement /tmp/requirements.txt \
    && /venv/bin/pip uninstall --yes --disable-pip-version-check pip \
    && rm -rf /venv/etc /venv/share \
    && find /venv \( -path '*/pyarrow/tests' -o -path '*/pyarrow/include' -o -path '*/pyarrow/src' \
        -o -path '*/pyarrow/*arrow*flight*' -o -path '*/pyarrow/_flight*' \
        -o -path '*/pyarrow/libarrow_s3*' -o -path '*/pyarrow/_s3fs*' \
        -o -path '*/plotly/labextension' -o -name '*.map' \) -prune -exec rm -rf {} + \
    && /venv/bin/python -c 'import pyarrow.parquet'
WORKDIR /app
COPY app.py LICENSE ./
COPY assets assets
COPY pages pages
COPY pnl pnl
# Compiled once here: a file system that cannot be written to would have it done at every start.
RUN python -m compileall -q --invalidation-mode unchecked-hash app.py pages pnl

# hadolint ignore=DL3006
FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="NorthStar P&L" \
      org.opencontainers.image.description="A real-time profit-and-loss dashboard that a small company hosts for itself" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PNL_DATA_DIR=/data
RUN groupadd --gid 10001 pnl \
    && useradd --no-log-init --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin pnl \
    && install --directory --owner=pnl --group=pnl --mode=0700 /data /backups
COPY --from=packages /venv /venv
COPY --from=packages /app /app
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8050
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + (os.environ.get('PNL_PORT') or '8050') + '/healthz', timeout=4)"]
CMD ["python", "app.py"]
