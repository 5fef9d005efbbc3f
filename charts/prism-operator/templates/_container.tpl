{{/* What the server is told: what follows from other values, then what config says. */}}
{{- define "prism-operator.environment" -}}
- name: PORT
  value: {{ int .Values.service.port | quote }}
- name: HOST
  value: {{ .Values.config.HOST | default "0.0.0.0" | quote }}
- name: PRISM_PROBE_IMAGE
  value: {{ include "prism-operator.probeImage" . | quote }}
- name: PRISM_OPERATOR_NAMESPACE
  value: {{ .Release.Namespace | quote }}
{{- /* An older API server rejects pods that ask for it. */}}
- name: PRISM_SLEEP_ACTION
  value: {{ semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version | quote }}
- name: PRISM_KEDA
  value: {{ .Values.features.keda | quote }}
- name: PRISM_SERVICE_MONITORS
  value: {{ .Values.features.serviceMonitors | quote }}
- name: PRISM_INLINE_CREDENTIALS
  value: {{ .Values.features.inlineCredentials | quote }}
{{- if eq .Values.auth.mode "token" }}
- name: PRISM_TOKEN_FILE
  value: /etc/prism-operator/tokens/tokens
{{- else if not .Values.tls.clients.ca.name }}
- name: PRISM_ALLOW_ANONYMOUS
  value: "true"
{{- end }}
{{- if ne .Values.tls.mode "disabled" }}
- name: PRISM_TLS_CERT_FILE
  value: /etc/prism-operator/tls/tls.crt
- name: PRISM_TLS_KEY_FILE
  value: /etc/prism-operator/tls/tls.key
{{- end }}
{{- if .Values.tls.clients.ca.name }}
- name: PRISM_TLS_CLIENT_CA_FILE
  value: /etc/prism-operator/clients/ca.crt
{{- end }}
{{- if .Values.admin.tokensSecret }}
- name: PRISM_ADMIN_TOKENS_DIR
  value: /etc/prism-operator/admin-tokens
{{- end }}
{{- if .Values.admin.tls.enabled }}
- name: PRISM_ADMIN_TLS
  value: "true"
- name: PRISM_ADMIN_TLS_CA_FILE
  value: /etc/prism-operator/admin-ca/ca.crt
{{- if .Values.admin.tls.clientSecret }}
- name: PRISM_ADMIN_TLS_CERT_FILE
  value: /etc/prism-operator/admin-client/tls.crt
- name: PRISM_ADMIN_TLS_KEY_FILE
  value: /etc/prism-operator/admin-client/tls.key
{{- end }}
{{- end }}
{{- $limits := dict
  "PRISM_EXPOSURE_TYPES" .Values.exposure.types
  "PRISM_EXPOSURE_HOST_SUFFIXES" .Values.exposure.hostSuffixes
  "PRISM_EXPOSURE_ANNOTATION_PREFIXES" .Values.exposure.annotationPrefixes
  "PRISM_ALLOWED_REGISTRIES" .Values.images.registries
  "PRISM_ALLOWED_PRIORITY_CLASSES" .Values.priorityClasses
  "PRISM_ALLOWED_POD_FIELDS" .Values.podFields }}
{{- range $name, $list := $limits }}
{{- $value := join "," $list | default "none" }}
{{- if ne $value "any" }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- if .Values.tracing.endpoint }}
{{- include "prism-operator.tracingEnvironment" . }}
{{- end }}
{{- range $name, $value := omit .Values.config "HOST" }}
- name: {{ $name }}
  {{- /* Helm reads whole numbers as floats, and would print large ones with an exponent. */}}
  value: {{ kindIs "float64" $value | ternary (int64 $value | toString) (toString $value) | quote }}
{{- end }}
{{- end -}}

{{/* Secrets, each in a folder of its own: as whole volumes they are replaced while the server runs. */}}
{{- define "prism-operator.secretVolumes" -}}
{{- if eq .Values.auth.mode "token" }}
- name: tokens
  secret: {{ include "prism-operator.tokensSecret" . }}
  items:
  - key: {{ empty .Values.auth.existingSecret.name | ternary "tokens" .Values.auth.existingSecret.tokensKey }}
    path: tokens
{{- end }}
{{- if ne .Values.tls.mode "disabled" }}
- name: tls
  secret: {{ include "prism-operator.tlsSecret" . }}
  items:
  - key: tls.crt
    path: tls.crt
  - key: tls.key
    path: tls.key
{{- end }}
{{- with .Values.tls.clients.ca }}
{{- if .name }}
- name: clients
  secret: {{ .name }}
  items:
  - key: {{ .key }}
    path: ca.crt
{{- end }}
{{- end }}
{{- if .Values.admin.tokensSecret }}
- name: admin-tokens
  secret: {{ .Values.admin.tokensSecret }}
{{- end }}
{{- if .Values.admin.tls.enabled }}
- name: admin-ca
  secret: {{ .Values.admin.tls.ca.name }}
  items:
  - key: {{ .Values.admin.tls.ca.key }}
    path: ca.crt
{{- end }}
{{- if .Values.admin.tls.clientSecret }}
- name: admin-client
  secret: {{ .Values.admin.tls.clientSecret }}
  items:
  - key: tls.crt
    path: tls.crt
  - key: tls.key
    path: tls.key
{{- end }}
{{- with .Values.tracing.ca }}
{{- if .name }}
- name: collector-ca
  secret: {{ .name }}
  items:
  - key: {{ .key }}
    path: ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{- define "prism-operator.mounts" -}}
{{- range include "prism-operator.secretVolumes" . | fromYamlArray }}
- name: {{ .name }}
  mountPath: /etc/prism-operator/{{ .name }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "prism-operator.volumes" -}}
{{- range include "prism-operator.secretVolumes" . | fromYamlArray }}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    # Readable by the group of the pod, and by nobody else.
    defaultMode: 0440
    {{- with .items }}
    items:
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end -}}
