// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// mark is the line above the name servers that we wrote.
const mark = "# The name servers below are those of the default route's network (vdsm)."

// nameServers plans the file resolv.conf, when the document has name servers.
func (p *planner) nameServers() error {
	if !p.want.SetsDNS || p.resolv == "" {
		return nil
	}
	for _, server := range p.want.Nameservers {
		if _, err := netip.ParseAddr(server); err != nil {
			return fmt.Errorf("name server: %w", err)
		}
	}
	// Who points the file elsewhere has a reason: the file there is ours to write.
	path, err := filepath.EvalSymlinks(p.resolv)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	} else if err != nil {
		path = p.resolv
	}
	old, err := os.ReadFile(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	if text := resolvConf(old, p.want.Nameservers); !bytes.Equal(text, old) && !(missing && len(p.want.Nameservers) == 0) {
		p.add(phaseFiles, &replaceFile{Path: path, Old: old, Missing: missing, New: text})
	}
	return nil
}

// resolvConf returns the file with other name servers; all other lines stay.
// The servers are where the first one was. A file that has them already stays
// as it is, whoever wrote it.
func resolvConf(old []byte, servers []string) []byte {
	var kept, present []string
	at := -1
	for line := range strings.Lines(string(old)) {
		line = strings.TrimRight(line, "\n")
		fields := strings.Fields(line)
		isServer := len(fields) > 1 && fields[0] == "nameserver"
		if isServer {
			present = append(present, fields[1])
		}
		if isServer || line == mark {
			if at < 0 {
				at = len(kept)
			}
			continue
		}
		kept = append(kept, line)
	}
	if strings.Join(present, " ") == strings.Join(servers, " ") {
		return old
	}
	if at < 0 {
		at = len(kept)
	}
	var b bytes.Buffer
	for _, line := range kept[:at] {
		fmt.Fprintln(&b, line)
	}
	if len(servers) > 0 {
		fmt.Fprintln(&b, mark)
	}
	for _, server := range servers {
		fmt.Fprintln(&b, "nameserver", server)
	}
	for _, line := range kept[at:] {
		fmt.Fprintln(&b, line)
	}
	return b.Bytes()
}
