# Two images: the operator (the last stage, and so the default) and the backend probe (`--target probe`), which has the client
# libraries of the backends. Node runs the TypeScript sources without compilation.
FROM node:24.21.0-trixie-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# No production package has an install script. Files that only compilers and debuggers read are half of the packages' size.
FROM base AS probe-dependencies
COPY probe/package.json ./probe/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace probe && \
    find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM base AS dependencies
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspaces=false && \
    find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete && \
    mkdir compiled

FROM gcr.io/distroless/nodejs24-debian13:nonroot AS probe
LABEL org.opencontainers.image.title="prism-operator-probe" \
      org.opencontainers.image.description="Checks the health of one backend of the Prism data gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=probe-dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY schemas ./schemas
COPY kube ./kube
COPY server ./server
COPY probe ./probe
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/nodejs/bin/node", "/app/probe/start.ts"]

FROM gcr.io/distroless/nodejs24-debian13:nonroot AS operator
LABEL org.opencontainers.image.title="prism-operator" \
      org.opencontainers.image.description="Kubernetes operator for the Prism data gateway, built on Metacontroller" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY protos/gen ./protos/gen
COPY schemas ./schemas
COPY kube ./kube
COPY hooks ./hooks
COPY server ./server
COPY --from=dependencies --chown=65532:65532 /app/compiled ./compiled
USER 65532:65532
# Node's compile cache halves the CPU time of a start. It is written and used by this user; Node under another user ID compiles
# the sources again.
ENV NODE_COMPILE_CACHE=/app/compiled
RUN ["/nodejs/bin/node", "--input-type=module", "--eval", "await import('/app/server/server.ts'); await import('/app/hooks/index.ts')"]
EXPOSE 8080
# No HEALTHCHECK: Kubernetes uses /readyz and /healthz.
ENTRYPOINT ["/nodejs/bin/node", "/app/server/main.ts"]
