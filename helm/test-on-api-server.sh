#!/usr/bin/env bash
# Tries the chart on a real Kubernetes API server, which is built for it: each values file of ci/ as a strict dry run on the server, and then
# installed, upgraded, rolled back and removed by Helm. No pods start, since nothing but the server runs.
#
#     helm/test-on-api-server.sh [FOLDER]
#
# FOLDER (default: target/api-server) keeps the programs that are built, which takes Go, some 3 GB of its caches, and a quarter of an hour the
# first time. Also needed: etcd (Debian: etcd-server), kubectl, openssl. What is started listens on 127.0.0.1 and ends with this script.
set -euo pipefail

kubernetes=1.34.4
helm=3.22.0

cd "$(dirname "$0")/.."
mkdir -p "${1:-target/api-server}"
folder=$(cd "${1:-target/api-server}" && pwd)
chart=helm/atrous

for program in go etcd kubectl openssl; do
  command -v "$program" > /dev/null || { echo "This needs $program, which is not here." >&2; exit 2; }
done

build_api_server() {
  local module=$folder/module sources
  mkdir -p "$module"
  sources=$(cd "$module" && GOFLAGS=-mod=mod go mod download -json "k8s.io/kubernetes@v$kubernetes" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
  # Kubernetes takes its own modules from folders beside it; published they have the version 0 instead of 1.
  {
    printf 'module atrous/apiserver\n\n%s\n\nrequire k8s.io/kubernetes v%s\n\n' "$(grep '^go ' "$sources/go.mod")" "$kubernetes"
    sed -n "s|^\t*\(k8s.io/[^ ]*\) => ./staging/.*|replace \1 => \1 v0.${kubernetes#1.}|p" "$sources/go.mod"
  } > "$module/go.mod"
  cat > "$module/main.go" << 'GO'
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
GO
  # Without its version the chart would find the server too old.
  (cd "$module" && nice -n 19 go build -mod=mod -trimpath \
    -ldflags="-s -w -X k8s.io/component-base/version.gitVersion=v$kubernetes" -o "$folder/kube-apiserver-$kubernetes" .)
}

build_helm() {
  GOBIN="$folder" nice -n 19 go install "helm.sh/helm/v3/cmd/helm@v$helm"
  mv "$folder/helm" "$folder/helm-$helm"
}

[ -x "$folder/kube-apiserver-$kubernetes" ] || build_api_server
[ -x "$folder/helm-$helm" ] || build_helm

state=$(mktemp -d "$folder/run.XXXXXX")
started=()
finish() {
  local status=$?
  if [ "$status" -ne 0 ]; then
    echo "FAILED" >&2
    tail -n 5 "$state"/*.log >&2 || true
  fi
  if [ "${#started[@]}" -gt 0 ]; then
    kill "${started[@]}" 2> /dev/null || true
    wait "${started[@]}" 2> /dev/null || true
  fi
  rm -rf "$state"
}
trap finish EXIT

free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
  echo "$port"
}

await() {
  local tries=0
  until "$@" > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { echo "Waited in vain for: $*" >&2; exit 1; }
    sleep 1
  done
}

export KUBECONFIG=$state/kubeconfig HELM_CACHE_HOME=$state/helm HELM_CONFIG_HOME=$state/helm HELM_DATA_HOME=$state/helm
helm() { "$folder/helm-$helm" "$@"; }

etcd_port=$(free_port)
peer_port=$(free_port)
port=$(free_port)
etcd --data-dir "$state/etcd" --unsafe-no-fsync \
  --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
  --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
  --initial-cluster "default=http://127.0.0.1:$peer_port" > "$state/etcd.log" 2>&1 &
started+=($!)

token=$(openssl rand -hex 16)
(umask 077 && echo "$token,admin,admin,system:masters" > "$state/tokens")
openssl genrsa -out "$state/accounts.key" 2048 2> /dev/null
"$folder/kube-apiserver-$kubernetes" --etcd-servers "http://127.0.0.1:$etcd_port" \
  --bind-address 127.0.0.1 --secure-port "$port" --cert-dir "$state/certificates" --endpoint-reconciler-type none \
  --service-cluster-ip-range 10.0.0.0/24 --authorization-mode RBAC --token-auth-file "$state/tokens" \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$state/accounts.key" \
  --service-account-signing-key-file "$state/accounts.key" > "$state/api-server.log" 2>&1 &
started+=($!)
await test -s "$state/certificates/apiserver.crt"
kubectl config set-cluster server --server "https://127.0.0.1:$port" --certificate-authority "$state/certificates/apiserver.crt" > /dev/null
kubectl config set-credentials admin --token "$token" > /dev/null
kubectl config set-context server --cluster server --user admin > /dev/null
kubectl config use-context server > /dev/null
await kubectl get --raw /readyz

kubectl apply -f helm/test-resources.yaml > /dev/null
await kubectl wait --for condition=Established --timeout 1s crd --all

# In such a namespace the server warns of each pod that isn't hardened.
namespace() {
  kubectl create namespace "$1" > /dev/null
  kubectl label namespace "$1" pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted > /dev/null
}
rendered() {
  helm template cams "$chart" --kube-version "$kubernetes" --namespace "$1" --values "$2"
}
dry_run() {
  kubectl apply --server-side --dry-run=server --validate=strict --warnings-as-errors --namespace "$1" --filename - > /dev/null
}

echo "Kubernetes $kubernetes, Helm $helm"
helm lint --strict --quiet --values "$chart/ci/minimal-values.yaml" "$chart"
namespace dry-run
for values in "$chart"/ci/*-values.yaml; do
  rendered dry-run "$values" | dry_run dry-run
  echo "dry run: $values"
done

# That the server would say so.
if rendered dry-run "$chart/ci/minimal-values.yaml" | sed 's/readinessProbe:/readynessProbe:/' \
  | dry_run dry-run 2> "$state/refusal.log"; then
  echo "The server takes a field that there isn't." >&2
  exit 1
fi
grep -q readynessProbe "$state/refusal.log"

for values in "$chart"/ci/*-values.yaml; do
  feature=$(basename "$values" -values.yaml)
  namespace "$feature"
  helm install cams "$chart" --namespace "$feature" --values "$values" > /dev/null
  helm upgrade cams "$chart" --namespace "$feature" --values "$values" --set podLabels.upgraded=yes > /dev/null
  [ "$(kubectl get deployment cams --namespace "$feature" --output 'jsonpath={.spec.template.metadata.labels.upgraded}')" = yes ]
  helm rollback cams --namespace "$feature" > /dev/null
  [ -z "$(kubectl get deployment cams --namespace "$feature" --output 'jsonpath={.spec.template.metadata.labels.upgraded}')" ]
  helm uninstall cams --namespace "$feature" > /dev/null
  echo "installed, upgraded, rolled back, removed: $values"
done

# From each feature to each other: a change of values must not need another name.
namespace changes
helm install cams "$chart" --namespace changes --values "$chart/ci/minimal-values.yaml" > /dev/null
for values in "$chart"/ci/*-values.yaml; do
  helm upgrade cams "$chart" --namespace changes --reset-values --values "$values" > /dev/null
done
helm uninstall cams --namespace changes > /dev/null
[ -z "$(kubectl get deployment,service,configmap,poddisruptionbudget --namespace changes --output name | grep -v kube-root-ca || true)" ]
echo "upgraded from each values file to the next"
