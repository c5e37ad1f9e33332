// SPDX-License-Identifier: GPL-2.0-or-later

package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// defaultNFSOptions are those of irs:nfs_mount_options, and the first ones of
// each NFS mount.
func defaultNFSOptions() []string { return []string{"soft", "nosharecache"} }

// nfsOptions returns the options of an NFS mount in the order of the original:
// they show in the mount table, where people compare them.
//
// With 100 deciseconds and three repetitions a server that has gone is noticed
// after a minute. Remote locks of NFS 3 would keep a VM of a lost host from
// starting elsewhere, so they are off unless somebody insists.
func (d definition) nfsOptions(configured []string) (string, error) {
	if !d.says("protocol_version") && !d.says("retrans") && !d.says("timeout") && !sameOptions(configured) {
		return strings.Join(configured, ","), nil // deprecated, and still honoured
	}
	timeout, err := d.number("timeout", 100)
	if err != nil {
		return "", err
	}
	retrans, err := d.number("retrans", 3)
	if err != nil {
		return "", err
	}
	options := append(defaultNFSOptions(), fmt.Sprintf("timeo=%d", timeout), fmt.Sprintf("retrans=%d", retrans))
	version := d.text("protocol_version", "3")
	if version != "auto" {
		chosen, err := nfsVersion(version)
		if err != nil {
			return "", err
		}
		options = append(options, chosen...)
	}
	extra := split(d.text("mnt_options", ""))
	options = append(options, extra...)
	if (version == "3" || version == "auto") && !slices.Contains(extra, "lock") && !slices.Contains(extra, "nolock") {
		options = append(options, "nolock")
	}
	return strings.Join(options, ","), nil
}

// nfsVersion returns the options for a version: "3", "4", "4.1".
func nfsVersion(version string) ([]string, error) {
	major, minor, has := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return nil, invalid("protocol_version", version)
	}
	options := []string{fmt.Sprintf("nfsvers=%d", n)}
	if !has {
		return options, nil
	}
	if n, err = strconv.Atoi(minor); err != nil {
		return nil, invalid("protocol_version", version)
	}
	return append(options, fmt.Sprintf("minorversion=%d", n)), nil
}

// says reports whether a member is there and not null.
func (d definition) says(key string) bool { return d[key] != nil }

// sameOptions reports whether options are the default ones, in any order.
func sameOptions(options []string) bool {
	given, def := slices.Clone(options), defaultNFSOptions()
	slices.Sort(given)
	slices.Sort(def)
	return len(given) == 0 || slices.Equal(slices.Compact(given), slices.Compact(def))
}

// split returns the options between commas. Commas in quotes, which SELinux
// contexts have, come together again with the same commas.
func split(options string) []string {
	return slices.DeleteFunc(strings.Split(options, ","), func(o string) bool { return o == "" })
}

// glusterOptions adds the servers that have the volume's description, too, so
// that the loss of one does not prevent the mount.
func glusterOptions(options, host string, servers []string) string {
	var others []string
	for _, s := range servers {
		if s != host && !slices.Contains(others, s) {
			others = append(others, s)
		}
	}
	if len(others) == 0 || strings.Contains(options, "backup-volfile-servers") {
		return options
	}
	return strings.TrimPrefix(options+",backup-volfile-servers="+strings.Join(others, ":"), ",")
}
