# Two images: the hooks' (the last stage, so what is built unless --target says otherwise) and the backends' probe's, which
# has the clients of backends. Node runs the TypeScript sources as they are.
FROM node:24.21.0-trixie-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# No package of production has a script to run. What only compilers and debuggers read is half of what they bring.
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
# What Node makes of the sources is kept, by this user and for it: a start takes half of the processor time. Any other user's Node
# makes it again.
ENV NODE_COMPILE_CACHE=/app/compiled
RUN ["/nodejs/bin/node", "--input-type=module", "--eval", "await import('/app/server/server.ts'); await import('/app/hooks/index.ts')"]
EXPOSE 8080
# No HEALTHCHECK: Kubernetes asks /readyz and /healthz.
ENTRYPOINT ["/nodejs/bin/node", "/app/server/main.ts"]
