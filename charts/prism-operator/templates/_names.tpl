{{/* Name of everything: the release's, which is told only once when it says prism-operator itself. */}}
{{- define "prism-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 25 | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end -}}

{{- define "prism-operator.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: hooks
{{- end -}}

{{- define "prism-operator.labels" -}}
{{ include "prism-operator.selector" . }}
{{ include "prism-operator.commonLabels" . }}
{{- end -}}

{{- define "prism-operator.commonLabels" -}}
app.kubernetes.io/part-of: prism
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "prism-operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default (printf "v%s" $.Chart.AppVersion) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A digest of the hooks' image is none of the probe's. */}}
{{- define "prism-operator.probeImage" -}}
{{- $repository := .Values.probe.image.repository | default (printf "%s-probe" .Values.image.repository) -}}
{{- with .Values.probe.image.digest -}}
{{ $repository }}@{{ . }}
{{- else -}}
{{ $repository }}:{{ .Values.probe.image.tag | default .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}
{{- end -}}
{{- end -}}

{{/* Where the hooks answer, inside the cluster. */}}
{{- define "prism-operator.host" -}}
{{ include "prism-operator.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* Without TLS only the name says who is called: with the cluster's domain, no namespace called svc can be. */}}
{{- define "prism-operator.authority" -}}
{{- $domain := .Values.config.PRISM_CLUSTER_DOMAIN | default "auto" -}}
{{ include "prism-operator.host" . }}{{ and (eq .Values.tls.mode "disabled") (ne $domain "auto") | ternary (printf ".%s." $domain) "" }}:{{ .Values.service.port | int }}
{{- end -}}

{{- define "prism-operator.scheme" -}}
{{ eq .Values.tls.mode "disabled" | ternary "http" "https" }}
{{- end -}}

{{- define "prism-operator.tlsSecret" -}}
{{- if eq .Values.tls.mode "existingSecret" -}}
{{ .Values.tls.existingSecret }}
{{- else -}}
{{ include "prism-operator.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{- define "prism-operator.tokensSecret" -}}
{{ .Values.auth.existingSecret.name | default (printf "%s-tokens" (include "prism-operator.fullname" .)) }}
{{- end -}}

{{- define "prism-operator.metacontroller" -}}
{{ include "prism-operator.fullname" . }}-metacontroller
{{- end -}}
