# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# ./dev.sh stop: ends the instance of a state folder, and nothing else. Its data stays.

. tools/instance.sh
parse_options "$@"
[ -d "$state" ] || die "there is no instance in $state"
stop_instance
say "nothing runs in $state any more"
