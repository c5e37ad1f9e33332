// SPDX-License-Identifier: GPL-2.0-or-later

package setup

import (
	"context"
	"encoding/xml"
	"fmt"
	"strings"

	"govdsm/api"
)

// Cards knows the host's network devices as libvirt does.
type Cards interface {
	// NetDevices returns the documents of all node devices with the capability
	// "net".
	NetDevices(ctx context.Context) (documents []string, err error)
}

// hostdevChangeNumvfs counts as a change even when it fails, as in the
// original.
func (s *Setup) hostdevChangeNumvfs(ctx context.Context, p *api.HostHostdevChangeNumvfsParams) (api.Nothing, error) {
	s.dirty.Store(true)
	card, err := s.cardOf(ctx, p.DeviceName)
	if err != nil {
		return api.Nothing{}, err
	}
	return api.Nothing{}, s.o.Root.ChangeNumVFs(ctx, card, p.Numvfs)
}

// cardOf returns the name of the one interface that a device of libvirt's, such
// as "pci_0000_05_00_0", has.
func (s *Setup) cardOf(ctx context.Context, device string) (string, error) {
	if s.o.Cards == nil {
		return "", api.ErrUnsupportedOperation.With("reason", "there is no libvirt to ask")
	}
	documents, err := s.o.Cards.NetDevices(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, document := range documents {
		var d struct {
			Parent     string `xml:"parent"`
			Capability struct {
				Type      string `xml:"type,attr"`
				Interface string `xml:"interface"`
			} `xml:"capability"`
		}
		if err := xml.Unmarshal([]byte(document), &d); err != nil {
			return "", fmt.Errorf("document of a node device: %w", err)
		}
		if d.Parent == device && device != "" && d.Capability.Type == "net" {
			names = append(names, d.Capability.Interface)
		}
	}
	switch len(names) {
	case 0:
		return "", api.ErrNetBadNic.Says("could not determine network name for " + device + ": no network device has this parent")
	case 1:
		return names[0], nil
	}
	return "", api.ErrNetBadNic.Says("could not determine network name for " + device + ": it has several: " + strings.Join(names, ", "))
}
