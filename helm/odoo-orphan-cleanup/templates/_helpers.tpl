{{- define "orphan.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "orphan.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "orphan.labels" -}}
{{ include "orphan.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "orphan.podMetadata" -}}
labels:
  {{- include "orphan.labels" . | nindent 2 }}
  {{- with .Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  # settings are read at the start: another text of them is another pod
  checksum/settings: {{ list .Values.config .Values.jobs .Values.secrets.values | toJson | sha256sum }}
  {{- with .Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "orphan.podSpec" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
# it never talks to Kubernetes
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  {{- with .Values.user }}
  runAsUser: {{ int . }}
  runAsGroup: {{ int . }}
  fsGroup: {{ int . }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: odoo-orphan-cleanup
    image: {{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    securityContext:
      allowPrivilegeEscalation: false
      privileged: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    env:
      - name: ORPHAN_DATA_DIR
        value: /data
      - name: ORPHAN_JOBS_DIR
        value: /app/jobs
      # each file is a setting, named as the setting is
      - name: SPRING_CONFIG_IMPORT
        value: optional:configtree:/run/orphan-cleanup/secrets/
      {{- with .Values.database.url }}
      - name: SPRING_DATASOURCE_URL
        value: {{ . | quote }}
      {{- end }}
      {{- with .Values.database.username }}
      - name: SPRING_DATASOURCE_USERNAME
        value: {{ . | quote }}
      {{- end }}
      {{- if eq .Values.mode "serve" }}
      - name: SERVER_ADDRESS
        value: 0.0.0.0
      - name: SERVER_PORT
        value: "8080"
      - name: SERVER_FORWARD_HEADERS_STRATEGY
        value: native
      {{- end }}
      {{- with .Values.javaOptions }}
      - name: JDK_JAVA_OPTIONS
        value: {{ . | quote }}
      {{- end }}
      {{- with .Values.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    volumeMounts:
      - name: data
        mountPath: /data
      - name: tmp
        mountPath: /tmp
      - name: config
        mountPath: /app/config
        readOnly: true
      - name: jobs
        mountPath: /app/jobs
        readOnly: true
      {{- if or .Values.secrets.existing .Values.secrets.values }}
      - name: secrets
        mountPath: /run/orphan-cleanup/secrets
        readOnly: true
      {{- end }}
volumes:
  - name: data
    {{- if .Values.persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ .Values.persistence.existingClaim | default (include "orphan.name" .) }}
    {{- else }}
    emptyDir: {}
    {{- end }}
  - name: tmp
    emptyDir:
      sizeLimit: 1Gi
  - name: config
    configMap:
      name: {{ include "orphan.name" . }}-config
  - name: jobs
    configMap:
      name: {{ .Values.existingJobs | default (printf "%s-jobs" (include "orphan.name" .)) }}
  {{- if or .Values.secrets.existing .Values.secrets.values }}
  - name: secrets
    projected:
      # the group reads: the files belong to root
      defaultMode: 0440
      sources:
        {{- range .Values.secrets.existing }}
        - secret:
            name: {{ . }}
        {{- end }}
        {{- if .Values.secrets.values }}
        - secret:
            name: {{ include "orphan.name" . }}
        {{- end }}
  {{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
