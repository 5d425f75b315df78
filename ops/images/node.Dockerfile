# The real-time node: answers with the packages it is sent; neither the studio nor a database.
# Build it from the folder that holds pyproject.toml:
#   docker build -f ops/images/node.Dockerfile -t penstock-node:0.1.0 .
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/penstock
ENV PATH=/opt/penstock/bin:$PATH
COPY . .
RUN pip install --no-cache-dir "./node[fast]"

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
EXPOSE 7980
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7980/isAlive/', timeout=2)"]
ENTRYPOINT ["penstock-node", "--home", "/var/lib/penstock"]
CMD ["serve"]
