# The studio: a node that designs, deploys or runs projects; PENSTOCK_ROLE says which.
# Build it from the folder that holds pyproject.toml:
#   docker build -f ops/images/studio.Dockerfile -t penstock:0.1.0 .
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/penstock
ENV PATH=/opt/penstock/bin:$PATH
COPY . .
# This checkout itself, at the version it has.
# hadolint ignore=DL3013
RUN pip install --no-cache-dir ".[studio,pandas,oidc,postgres,mysql,s3]"

FROM python:3.11-slim-bookworm
# LightGBM computes with OpenMP.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home penstock \
    && install -d -o penstock -g penstock /var/lib/penstock
COPY --from=build /opt/penstock /opt/penstock
ENV PATH=/opt/penstock/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/penstock
VOLUME ["/var/lib/penstock"]
EXPOSE 7878
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7878/healthz', timeout=4)"]
ENTRYPOINT ["penstock", "--home", "/var/lib/penstock"]
CMD ["serve", "--host", "0.0.0.0", "--port", "7878"]
