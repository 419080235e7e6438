{{- define "atrous.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "atrous.selectorLabels" -}}
app.kubernetes.io/name: atrous
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "atrous.labels" -}}
{{ include "atrous.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "atrous.metadata" -}}
name: {{ include "atrous.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "atrous.labels" . | nindent 2 }}
{{- end }}

{{- define "atrous.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "atrous.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "atrous.image" -}}
{{- $tag := .Values.image.tag | default (printf "%s%s" .Chart.AppVersion (ternary "-cu121" "" (gt (int .Values.gpu.count) 0))) -}}
{{ .Values.image.repository }}:{{ $tag }}
{{- end }}

{{/* A value of the config map as the service reads it: a list with commas, a whole number without an exponent. */}}
{{- define "atrous.text" -}}
{{- if kindIs "slice" . -}}
{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ int64 . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end }}

{{/* A setting with the service's own default, which a test holds against docs/configuration.md. */}}
{{- define "atrous.setting" -}}
{{- $defaults := dict "stream.threads" 2 "shutdown.timeout.ms" 12000 "batch.max.size" 8 -}}
{{- $value := get .root.Values.config .key -}}
{{- if kindIs "string" $value -}}{{ $value | default (get $defaults .key | toString) }}
{{- else -}}{{ int64 $value }}{{- end -}}
{{- end }}

{{- define "atrous.streamThreads" -}}
{{- include "atrous.setting" (dict "root" . "key" "stream.threads") }}
{{- end }}

{{- define "atrous.terminationSeconds" -}}
{{- $shutdown := include "atrous.setting" (dict "root" . "key" "shutdown.timeout.ms") | int64 -}}
{{- add (div (add $shutdown 999) 1000) .Values.terminationMarginSeconds }}
{{- end }}

{{- define "atrous.modelFile" -}}
{{- $model := .Values.model -}}
{{- if eq $model.source "builtin" -}}builtin:street
{{- else if eq $model.source "persistentVolumeClaim" -}}/var/lib/atrous/model/{{ $model.persistentVolumeClaim.path }}
{{- else if eq $model.source "configMap" -}}/var/lib/atrous/model/{{ $model.configMap.key }}
{{- else -}}/var/lib/atrous/model/{{ base (urlParse $model.download.url).path }}
{{- end -}}
{{- end }}

{{/* Not empty if the model's file may change while the pod runs. */}}
{{- define "atrous.modelMayChange" -}}
{{- if has .Values.model.source (list "persistentVolumeClaim" "configMap") -}}true{{- end -}}
{{- end }}

{{- define "atrous.properties" -}}
{{- $settings := merge (dict
  "web.listen" (printf "*:%d" (int .Values.web.port))
  "model.file" (include "atrous.modelFile" .)
  "model.reload" (.Values.model.reload | default (ternary "watch" "none" (eq (include "atrous.modelMayChange" .) "true")))
) .Values.config -}}
{{- range $key, $value := $settings }}
{{ $key }}={{ include "atrous.text" $value | replace "\\" "\\\\" | replace "\n" "\\n" }}
{{- end }}
{{- end }}

{{/* Matchers of the series of this release, as the chart's own monitor labels them. */}}
{{- define "atrous.matchers" -}}
{{- .Values.alerts.matchers | default (printf "namespace=%q,job=%q" .Release.Namespace .Release.Name) }}
{{- end }}

{{- define "atrous.frameTopics" -}}
{{- include "atrous.text" (get .Values.config "frames.topics") }}
{{- end }}

{{- define "atrous.offsetReset" -}}
{{- $config := .Values.config -}}
{{- get $config "streams.main.consumer.auto.offset.reset" | default (get $config "streams.consumer.auto.offset.reset") | default (get $config "streams.auto.offset.reset") | default "earliest" }}
{{- end }}

{{/* Up at once; down by one instance at a time, since each step moves partitions. */}}
{{- define "atrous.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
scaleDown:
  stabilizationWindowSeconds: {{ .Values.scaling.scaleDownSeconds }}
  policies:
    - type: Pods
      value: 1
      periodSeconds: 300
{{- end }}

{{- define "atrous.ingestName" -}}
{{ include "atrous.name" . | trunc 56 | trimSuffix "-" }}-ingest
{{- end }}

{{/* Another name than the service's, so that nothing of the service selects these pods. */}}
{{- define "atrous.ingestSelectorLabels" -}}
app.kubernetes.io/name: atrous-ingest
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "atrous.ingestMetadata" -}}
name: {{ include "atrous.ingestName" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "atrous.ingestLabels" . | nindent 2 }}
{{- end }}

{{- define "atrous.ingestLabels" -}}
{{ include "atrous.ingestSelectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "atrous.ingestProperties" -}}
{{- $settings := merge (dict "web.listen" (printf "*:%d" (int .Values.web.port))) .Values.ingest.config .Values.config -}}
{{- range $key, $value := $settings }}
{{ $key }}={{ include "atrous.text" $value | replace "\\" "\\\\" | replace "\n" "\\n" }}
{{- end }}
{{- end }}
