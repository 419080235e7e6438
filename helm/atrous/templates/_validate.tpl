{{/* Refuses values that contradict each other, each with a sentence. */}}
{{- define "atrous.validate" -}}
{{- include "atrous.validateConfig" . -}}
{{- include "atrous.validateModel" . -}}
{{- include "atrous.validateGpu" . -}}
{{- include "atrous.validateScaling" . -}}
{{- include "atrous.validateIngest" . -}}
{{- if eq .Values.image.tag "latest" -}}
{{- fail "image.tag is latest: name a version, or a restarted pod may run another one than its neighbours." -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if or (hasPrefix "ATROUS_" .name) (eq .name "JDK_JAVA_OPTIONS") -}}
{{- fail (printf "extraEnv sets %s: give settings of the service in config or secretConfig, and options of the JVM in javaOptions." .name) -}}
{{- end -}}
{{- end -}}
{{- range $name := list "alerts" "dashboard" -}}
{{- if and (get $.Values $name).enabled (eq $.Values.monitor.kind "none") (not $.Values.alerts.matchers) -}}
{{- fail (printf "%s.enabled needs series to look at: set monitor.kind, or alerts.matchers if something else scrapes the pods." $name) -}}
{{- end -}}
{{- end -}}
{{- with .Values.networkPolicy -}}
{{- if and (not .enabled) (or .egress .scrapers) -}}
{{- fail "networkPolicy has rules, but networkPolicy.enabled is false." -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "atrous.validateConfig" -}}
{{- $config := .Values.config -}}
{{- $secrets := .Values.secretConfig -}}
{{- range list "application.id" "bootstrap.servers" "schema.registry.url" -}}
{{- if not (or (get $config .) (hasKey $secrets .)) -}}
{{- fail (printf "config has no %s: the service can't start without it." .) -}}
{{- end -}}
{{- end -}}
{{- range list "application.id" "bootstrap.servers" "frames.topics" "frames.topics.pattern" -}}
{{- if hasKey $secrets . -}}
{{- fail (printf "secretConfig has %s, which is no secret: set it in config." .) -}}
{{- end -}}
{{- end -}}
{{- if eq (empty (get $config "frames.topics")) (empty (get $config "frames.topics.pattern")) -}}
{{- fail "Set exactly one of frames.topics and frames.topics.pattern in config." -}}
{{- end -}}
{{- range $key, $by := dict "web.listen" "web.port" "model.file" "model.source" "model.reload" "model.reload" -}}
{{- if or (hasKey $config $key) (hasKey $secrets $key) -}}
{{- fail (printf "%s is set by the chart: use the value %s instead." $key $by) -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := $config -}}
{{- if hasKey $secrets $key -}}
{{- fail (printf "%s stands both in config and in secretConfig: keep one." $key) -}}
{{- end -}}
{{- if hasSuffix ".group.instance.id" $key -}}
{{- fail (printf "%s would be the same in all pods of a Deployment, and they would shut each other out." $key) -}}
{{- end -}}
{{- include "atrous.validateSecret" (dict "root" $ "key" $key "value" $value) -}}
{{- end -}}
{{- end }}

{{- define "atrous.validateModel" -}}
{{- $model := .Values.model -}}
{{- $needed := dict
  "persistentVolumeClaim" (list "claimName" "path")
  "configMap" (list "name" "key")
  "download" (list "url" "sha256") -}}
{{- range $source, $names := $needed -}}
{{- range $names -}}
{{- $value := get (get $model $source) . -}}
{{- if and (eq $source $model.source) (not $value) -}}
{{- fail (printf "model.source is %s, which needs model.%s.%s." $source $source .) -}}
{{- end -}}
{{- if and (ne $source $model.source) $value -}}
{{- fail (printf "model.%s.%s is set, but model.source is %s." $source . $model.source) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (eq $model.reload "watch") (not (include "atrous.modelMayChange" .)) -}}
{{- fail (printf "model.reload is watch, but a model whose source is %s never changes while the pod runs." $model.source) -}}
{{- end -}}
{{- end }}

{{- define "atrous.validateGpu" -}}
{{- $device := get .Values.config "inference.device" | default "auto" -}}
{{- $gpus := int .Values.gpu.count -}}
{{- if and (eq $gpus 0) (hasPrefix "cuda" $device) -}}
{{- fail (printf "inference.device is %s, but gpu.count is 0." $device) -}}
{{- end -}}
{{- if and (eq $gpus 0) .Values.gpu.runtimeClassName -}}
{{- fail "gpu.runtimeClassName is set, but gpu.count is 0." -}}
{{- end -}}
{{- if and (gt $gpus 0) (eq $device "cpu") -}}
{{- fail (printf "inference.device is cpu, but gpu.count is %d: the GPUs would be idle." $gpus) -}}
{{- end -}}
{{- end }}

{{- define "atrous.validateScaling" -}}
{{- $scaling := .Values.scaling -}}
{{- $threads := include "atrous.streamThreads" . | int -}}
{{- $partitions := int .Values.kafka.partitions -}}
{{- $most := int .Values.replicas -}}
{{- $name := "replicas" -}}
{{- if ne $scaling.type "none" -}}
{{- $most = int $scaling.maxReplicas -}}
{{- $name = "scaling.maxReplicas" -}}
{{- if lt (int $scaling.minReplicas) 1 -}}
{{- fail "scaling.minReplicas must be at least 1: nobody measures the lag of a service that doesn't run." -}}
{{- end -}}
{{- if gt (int $scaling.minReplicas) $most -}}
{{- fail (printf "scaling.minReplicas (%d) is more than scaling.maxReplicas (%d)." (int $scaling.minReplicas) $most) -}}
{{- end -}}
{{- if eq $partitions 0 -}}
{{- fail "scaling needs kafka.partitions: instances beyond the partitions would be idle." -}}
{{- end -}}
{{- end -}}
{{- if and (gt $partitions 0) (gt (mul $most $threads) $partitions) -}}
{{- fail (printf "%s (%d) x stream.threads (%d) is more than kafka.partitions (%d): threads would be idle." $name $most $threads $partitions) -}}
{{- end -}}
{{- if eq $scaling.type "keda" -}}
{{- $fallback := int $scaling.keda.fallbackReplicas -}}
{{- if or (lt $fallback (int $scaling.minReplicas)) (gt $fallback $most) -}}
{{- fail (printf "scaling.keda.fallbackReplicas (%d) must lie between scaling.minReplicas and scaling.maxReplicas." $fallback) -}}
{{- end -}}
{{- if get .Values.config "frames.topics.pattern" -}}
{{- if not $scaling.keda.prometheusAddress -}}
{{- fail "scaling by KEDA with frames.topics.pattern needs scaling.keda.prometheusAddress: KEDA's kafka trigger is unsafe without a topic's name." -}}
{{- end -}}
{{- if and (eq .Values.monitor.kind "none") (not .Values.alerts.matchers) -}}
{{- fail "scaling by KEDA with frames.topics.pattern needs atrous_lag_seconds in Prometheus: set monitor.kind, or alerts.matchers if something else scrapes the pods." -}}
{{- end -}}
{{- else if and (not $scaling.keda.authentication) (or (hasKey .Values.config "streams.security.protocol") (hasKey .Values.secretConfig "streams.sasl.jaas.config")) -}}
{{- fail "The brokers are secured, so KEDA needs scaling.keda.authentication to see the lag." -}}
{{- end -}}
{{- end -}}
{{- if and (eq $scaling.type "hpa") (not $scaling.hpa.metrics) -}}
{{- if gt (int .Values.gpu.count) 0 -}}
{{- fail "With a GPU the use of the CPU says nothing of the load: give scaling.hpa.metrics, or scale by KEDA." -}}
{{- end -}}
{{- if not (dig "requests" "cpu" "" .Values.resources) -}}
{{- fail "scaling by the CPU needs resources.requests.cpu." -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Refuses a secret in a ConfigMap, and a mounted file that is not mounted. */}}
{{- define "atrous.validateSecret" -}}
{{- $text := include "atrous.text" .value -}}
{{- $refers := regexMatch "[$][{][^}]*:[^}]*[}]" $text -}}
{{- if and (not $refers) (or (regexMatch "(password|secret\\.key|sasl\\.jaas\\.config|basic\\.auth\\.user\\.info|bearer\\.auth\\.token|ssl\\.keystore\\.key)$" .key) (regexMatch "://[^/@,]*@" $text)) -}}
{{- fail (printf "%s holds a secret, and a ConfigMap shows it to everybody: give it in secretConfig, or refer to it (${dir:/etc/atrous/secrets/NAME:KEY})." .key) -}}
{{- end -}}
{{- range regexFindAll "/etc/atrous/secrets/[^/:}]+" $text -1 -}}
{{- $name := base . -}}
{{- if not (has $name $.root.Values.secretFiles) -}}
{{- fail (printf "%s is a file of the Secret %s, which is not in secretFiles." $.key $name) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "atrous.validateIngest" -}}
{{- $ingest := .Values.ingest -}}
{{- if and (not $ingest.enabled) $ingest.config -}}
{{- fail "ingest.config has cameras, but ingest.enabled is false." -}}
{{- end -}}
{{- if $ingest.enabled -}}
{{- $cameras := dict -}}
{{- range $key, $value := $ingest.config -}}
{{- if regexMatch "^camera\\.[^.]+\\.url$" $key -}}
{{- $_ := set $cameras $key $value -}}
{{- end -}}
{{- if eq $key "web.listen" -}}
{{- fail "web.listen is set by the chart: use the value web.port instead." -}}
{{- end -}}
{{- include "atrous.validateSecret" (dict "root" $ "key" (printf "ingest.config: %s" $key) "value" $value) -}}
{{- end -}}
{{- if not $cameras -}}
{{- fail "ingest.enabled needs a camera: set camera.NAME.url in ingest.config." -}}
{{- end -}}
{{- $topics := get $ingest.config "frames.topics" | default (get .Values.config "frames.topics") -}}
{{- if or (not $topics) (contains "," (include "atrous.text" $topics)) -}}
{{- fail "ingest.enabled needs the one topic that the cameras film into: set frames.topics in ingest.config." -}}
{{- end -}}
{{- if eq $ingest.image.tag "latest" -}}
{{- fail "ingest.image.tag is latest: name a version." -}}
{{- end -}}
{{- end -}}
{{- end }}
