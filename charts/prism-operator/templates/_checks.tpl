{{/* Values that are fine each, but not together. What the server would refuse at its start is told here, before. */}}
{{- define "prism-operator.check" -}}
{{- with .Values.tls -}}
{{- if and (eq .mode "existingSecret") (not .existingSecret) -}}
{{- fail "tls.existingSecret: name the Secret that tls.mode=existingSecret asks for" -}}
{{- end -}}
{{- if and .clients.ca.name (eq .mode "disabled") -}}
{{- fail "tls.clients.ca: callers show certificates over TLS only; tls.mode is disabled" -}}
{{- end -}}
{{- if ne (empty .clients.ca.name) (empty .clients.secret) -}}
{{- fail "tls.clients: the hooks need ca.name, and Metacontroller needs secret; set both or none" -}}
{{- end -}}
{{- end -}}
{{- with .Values.admin.tls -}}
{{- if and .enabled (not .ca.name) -}}
{{- fail "admin.tls.ca.name: name the Secret with the authorities of the proxies' certificates" -}}
{{- end -}}
{{- if and (or .ca.name .clientSecret) (not .enabled) -}}
{{- fail "admin.tls.enabled: must be true for the Secrets of admin.tls to be used" -}}
{{- end -}}
{{- end -}}
{{- if and (or .Values.tracing.headersSecret.name .Values.tracing.ca.name) (not .Values.tracing.endpoint) -}}
{{- fail "tracing.endpoint: must be set for the Secrets of tracing to be used" -}}
{{- end -}}
{{- if and (eq .Values.auth.mode "none") .Values.auth.existingSecret.name -}}
{{- fail "auth.existingSecret: without effect with auth.mode=none" -}}
{{- end -}}
{{- end -}}
