# The product in a container. It listens on loopback only, so it shares the host's network:
#   docker build --tag northstar-pnl .
#   docker run --network host --env-file .env --volume pnl-data:/data northstar-pnl
FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements.txt /tmp/requirements.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
    --requirement /tmp/requirements.txt

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="NorthStar P&L" \
      org.opencontainers.image.description="A real-time profit-and-loss dashboard that a small company hosts for itself" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PNL_DATA_DIR=/data
RUN useradd --system --uid 10001 --no-create-home pnl \
    && install --directory --owner=pnl --mode=0700 /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY app.py LICENSE ./
COPY assets assets
COPY pages pages
COPY pnl pnl
USER 10001
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + (os.environ.get('PNL_PORT') or '8050') + '/healthz', timeout=4)"]
CMD ["python", "app.py"]
