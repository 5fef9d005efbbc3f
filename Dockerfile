# The hooks and the backends' probe. Node runs the TypeScript sources as they are: nothing is built.
FROM node:24.21.0-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No package of production has a script to run. What only compilers and debuggers read is half of what they bring.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && \
    find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.title="prism-operator" \
      org.opencontainers.image.description="Declarative Metacontroller hooks that run the Prism data gateway on Kubernetes" \
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
COPY cli ./cli
USER 65532:65532
EXPOSE 8080
# No HEALTHCHECK: Kubernetes asks /readyz and /healthz.
ENTRYPOINT ["/nodejs/bin/node", "/app/cli/main.ts"]
CMD ["serve"]
