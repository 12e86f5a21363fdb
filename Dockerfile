# One image for the API, the worker and the migrations; the command chooses. It holds no servers and no secrets.

FROM node:24-slim AS clients
WORKDIR /build/clients
COPY clients/package.json clients/package-lock.json clients/.npmrc ./
COPY clients/graphiql/package.json graphiql/
COPY clients/shared/package.json shared/
COPY clients/portal/package.json portal/
RUN npm ci
COPY clients/ ./
COPY schema/schema.graphql ../schema/
RUN npm run build

FROM python:3.13-slim AS packages
COPY pyproject.toml requirements.lock /build/
# The lock also pins the embedded servers and the tools of development; the image leaves both out.
RUN python -m venv /opt/htbooking/.venv \
 && python - <<'SPLIT' > /build/production.lock
import re, tomllib, pathlib
groups = tomllib.loads(pathlib.Path("/build/pyproject.toml").read_text())["dependency-groups"]
left_out = {re.split(r"[\[=<>! ]", name)[0] for name in groups["embedded"] + groups["dev"]}
for pin in re.split(r"(?m)^(?=\S)", pathlib.Path("/build/requirements.lock").read_text()):
    if pin.partition("==")[0].lower() not in left_out:
        print(pin, end="")
SPLIT
RUN /opt/htbooking/.venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /build/production.lock

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /opt/htbooking --shell /usr/sbin/nologin htbooking
WORKDIR /opt/htbooking
COPY --from=packages /opt/htbooking/.venv .venv
COPY datasources datasources
COPY domain domain
COPY jobs jobs
COPY migrations migrations
COPY resolvers resolvers
COPY schema schema
COPY server server
COPY clients/hospital/sdk clients/hospital/sdk
RUN .venv/bin/python clients/hospital/sdk/build_wheel.py
COPY --from=clients /build/clients/graphiql/dist clients/graphiql/dist
COPY --from=clients /build/clients/portal/dist clients/portal/dist
ENV PATH=/opt/htbooking/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MODE=production HOST=0.0.0.0
USER htbooking
EXPOSE 8000
CMD ["python", "-m", "server", "serve"]
