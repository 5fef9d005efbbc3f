{{- define "prism-operator.metacontrollerSelector" -}}
app.kubernetes.io/name: metacontroller
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: metacontroller
{{- end -}}

{{- define "prism-operator.metacontrollerLabels" -}}
{{ include "prism-operator.metacontrollerSelector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}
