#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# Prevents monitoring that is silent when it should shout: promtool reads conf/monitoring, and alerts come when
# t/monitoring says. promtool is F1_PROMTOOL, or in PATH. That all metrics exist is test_metrics' business.

. "${F1_SRCDIR:-.}/t/lint/guard.inc"

promtool=${F1_PROMTOOL:-promtool}
if ! command -v "$promtool" >/dev/null; then
    trap - EXIT
    echo "1..0 # SKIP no promtool"
    exit 0
fi
dir=$(mktemp -d /tmp/f1t.XXXXXX) || exit 1
trap 'rm -rf "$dir"; leave' EXIT
cp conf/monitoring/* t/monitoring/* "$dir"

# asks COMMAND...: what promtool says when it is not content
asks() { says=$(cd "$dir" && "$promtool" "$@" 2>&1) || printf '%s\n' "$says"; }

guard 'prometheus.yml and its rules are right' "$(asks check config prometheus.yml)"
guard 'alerts come when they should' "$(asks test rules alerts_test.yml)"
guard 'each alert is tested' "$(sed -n 's/^ *- alert: //p' conf/monitoring/alerts.yml | while read -r alert; do
    grep -q "alertname: $alert\$" t/monitoring/alerts_test.yml || echo "$alert"
done)"
