// SPDX-License-Identifier: GPL-2.0-or-later

package virtcaps

import (
	"encoding/xml"
	"fmt"
	"slices"
)

// Domain is what virConnectGetDomainCapabilities says of guests' processors.
type Domain struct {
	Features []string // which the mode host-model requires
	Models   []string // of the mode custom that this host can run
	// HostModels are the models that the mode host-model names; on POWER they
	// take the place of Models.
	HostModels []string
}

type domainXML struct {
	XMLName xml.Name `xml:"domainCapabilities"`
	Modes   []struct {
		Name      string `xml:"name,attr"`
		Supported string `xml:"supported,attr"`
		Models    []struct {
			Name   string `xml:",chardata"`
			Usable string `xml:"usable,attr"`
		} `xml:"model"`
		Features []struct {
			Name   string `xml:"name,attr"`
			Policy string `xml:"policy,attr"`
		} `xml:"feature"`
	} `xml:"cpu>mode"`
}

// ParseDomain reads a domain capabilities document.
func ParseDomain(document string) (*Domain, error) {
	var doc domainXML
	if err := xml.Unmarshal([]byte(document), &doc); err != nil {
		return nil, fmt.Errorf("libvirt's domain capabilities: %w", err)
	}
	d := &Domain{}
	for _, mode := range doc.Modes {
		if mode.Supported != "yes" {
			continue
		}
		switch mode.Name {
		case "custom":
			for _, m := range mode.Models {
				if m.Usable == "yes" {
					d.Models = append(d.Models, m.Name)
				}
			}
		case "host-model":
			for _, f := range mode.Features {
				if f.Policy == "require" {
					d.Features = append(d.Features, f.Name)
				}
			}
			for _, m := range mode.Models {
				if m.Name != "" {
					d.HostModels = append(d.HostModels, m.Name)
				}
			}
		}
	}
	return d, nil
}

// CompatibleModels returns the processor models a guest of this host may have.
// POWER hosts run guests of their own generation and, being compatible by
// architecture, of the one before.
func (d *Domain) CompatibleModels(arch string) []string {
	if !IsPower(arch) {
		return d.Models
	}
	models := slices.Clone(d.HostModels)
	if slices.Contains(models, "POWER9") && !slices.Contains(models, "POWER8") {
		models = append(models, "POWER8")
	}
	return models
}

// IsPower reports whether arch, a name of uname -m, is a POWER processor.
func IsPower(arch string) bool { return arch == "ppc64" || arch == "ppc64le" }

// IsX86 reports whether arch, a name of uname -m, is of the PC's family.
func IsX86(arch string) bool { return arch == "x86_64" || arch == "i686" }
