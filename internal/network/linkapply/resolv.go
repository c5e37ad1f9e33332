// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"

	"govdsm/internal/network/resolvconf"
)

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
	path, err := resolvconf.Path(p.resolv)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	if text := resolvconf.Edit(old, p.want.Nameservers); !bytes.Equal(text, old) && !(missing && len(p.want.Nameservers) == 0) {
		p.add(phaseFiles, &replaceFile{Path: path, Old: old, Missing: missing, New: text})
	}
	return nil
}
