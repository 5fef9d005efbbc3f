{{/*
Tokens and certificates that Helm makes: once, and kept by looking at the cluster's own Secrets. Made at most once in a
run, too, for the Secret and the controllers must agree.
*/}}
{{- define "prism-operator.generate" -}}
{{- if not (hasKey .Values "_generated") -}}
{{- $generated := dict "tls" (include "prism-operator.makeTls" . | fromJson) "tokens" (include "prism-operator.makeTokens" . | fromJson) -}}
{{- $_ := set .Values "_generated" $generated -}}
{{- end -}}
{{- end -}}

{{/* The current token, and the next one: the hooks accept it before Metacontroller is told to send it. */}}
{{- define "prism-operator.makeTokens" -}}
{{- $name := printf "%s-tokens" (include "prism-operator.fullname" .) -}}
{{- $kept := get (lookup "v1" "Secret" .Release.Namespace $name) "data" | default dict -}}
{{- $tokens := dict -}}
{{- $generation := int .Values.auth.generation -}}
{{- range $number := list $generation (add $generation 1) -}}
{{- $key := printf "token-%d" (int $number) -}}
{{- $_ := set $tokens $key (get $kept $key | b64dec | default (randAlphaNum 48)) -}}
{{- end -}}
{{- toJson $tokens -}}
{{- end -}}

{{/* The authority's key is not kept: nobody can sign with it. Callers trust the authority before, too, for a while. */}}
{{- define "prism-operator.makeTls" -}}
{{- $secret := lookup "v1" "Secret" .Release.Namespace (printf "%s-tls" (include "prism-operator.fullname" .)) -}}
{{- $kept := get $secret "data" | default dict -}}
{{- $annotations := get (get $secret "metadata" | default dict) "annotations" | default dict -}}
{{- $generation := int .Values.tls.generation | toString -}}
{{- if and (hasKey $kept "tls.key") (eq (get $annotations "prism.io/generation") $generation) -}}
{{- dict "crt" (get $kept "tls.crt" | b64dec) "key" (get $kept "tls.key" | b64dec) "ca" (get $kept "ca.crt" | b64dec) | toJson -}}
{{- else -}}
{{- $host := include "prism-operator.host" . -}}
{{- $days := int .Values.tls.validityDays -}}
{{- $authority := genCA (printf "%s-%s" (include "prism-operator.fullname" .) $generation) $days -}}
{{- $certificate := genSignedCert (include "prism-operator.fullname" .) nil (list $host (printf "%s.cluster.local" $host)) $days $authority -}}
{{- $before := get $kept "ca.crt" | b64dec | regexFind "(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n" -}}
{{- dict "crt" $certificate.Cert "key" $certificate.Key "ca" (printf "%s%s" $authority.Cert $before) | toJson -}}
{{- end -}}
{{- end -}}
