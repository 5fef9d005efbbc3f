{{/* What OpenTelemetry's own variables say. Values are percent-encoded; $(...) is the kubelet's to fill in. */}}
{{- define "prism-operator.tracingEnvironment" -}}
{{- with .Values.tracing }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
{{- if .headersSecret.name }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ .headersSecret.name }}
      key: {{ .headersSecret.key }}
{{- end }}
{{- if .ca.name }}
- name: OTEL_EXPORTER_OTLP_CERTIFICATE
  value: /etc/prism-operator/collector-ca/ca.crt
{{- end }}
- name: OTEL_TRACES_SAMPLER
  value: {{ .sampler }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .samplerArg | toString | quote }}
- name: OTEL_SERVICE_NAME
  value: {{ .serviceName | quote }}
- name: K8S_POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: K8S_NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
{{- $attributes := list (printf "k8s.namespace.name=%s" $.Release.Namespace) "k8s.pod.name=$(K8S_POD_NAME)" "k8s.node.name=$(K8S_NODE_NAME)" }}
{{- range $name, $value := .resourceAttributes }}
{{- $attributes = append $attributes (printf "%s=%s" ($name | urlquery | replace "+" "%20") ($value | urlquery | replace "+" "%20")) }}
{{- end }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ join "," $attributes | quote }}
{{- end }}
{{- end -}}

{{/* A rule of the NetworkPolicy: to the collector. A policy knows pods and addresses, no names. */}}
{{- define "prism-operator.collectorEgress" -}}
{{- $url := urlParse .Values.tracing.endpoint }}
{{- $name := regexReplaceAll ":[0-9]+$" $url.host "" }}
{{- $inside := regexMatch "^[a-z0-9-]+(\\.[a-z0-9-]+(\\.svc(\\..+)?)?)?$" $name }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (eq $url.scheme "https" | ternary "443" "80") }}
- to:
  {{- if .Values.networkPolicy.collector.peers }}
  {{- toYaml .Values.networkPolicy.collector.peers | nindent 2 }}
  {{- else if $inside }}
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: {{ index (splitList "." (printf "%s.%s" $name .Release.Namespace)) 1 }}
  {{- else }}
  - ipBlock:
      cidr: 0.0.0.0/0
  - ipBlock:
      cidr: ::/0
  {{- end }}
  ports:
  - port: {{ .Values.networkPolicy.collector.port | default $port | int }}
    protocol: TCP
{{- end -}}
